/** The corners as numbers: the one that was chosen, and all of them as text. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { start } from "../../data/catalogue";
import { number } from "../../i18n";
import {
  canRemove,
  cornerAt,
  geometryOf,
  movedCorner,
  removedCorner,
  removedRing,
  type Shape,
  type ShapeKind,
} from "../../map/edit-shape";
import type { LonLat } from "../../shared/api";
import {
  cornerOf,
  cornerText,
  isOnEarth,
  type Refused,
  shapeFrom,
  shapeText,
  swapped,
  swappedList,
} from "./coordinates";
import { goTo } from "./go-to";
import * as session from "./session";
import { SwapOffer } from "./swap-offer";
import { type Key, t } from "./texts";

/** The corner that was chosen on the map: its place as numbers, and its removal. */
export function Corner({ shape }: { shape: Shape }) {
  const id = useId();
  const chosen = session.chosen.value ?? (shape.kind === "Point" ? { part: 0, ring: 0, corner: 0 } : null);
  const at = chosen && cornerAt(shape, chosen);
  const isWrong = useSignal(false);
  const other = useSignal<LonLat | null>(null);
  if (!chosen || !at) return null;
  const put = (to: LonLat) => {
    isWrong.value = false;
    other.value = null;
    session.setShape(movedCorner(shape, chosen, to));
  };
  const move = (typed: string) => {
    const to = cornerOf(typed);
    const isAgain = other.peek() !== null;
    other.value = to && swapped(to, start.peek());
    isWrong.value = to === null || !isOnEarth(to);
    if (!to || isWrong.value || cornerText(to) === cornerText(at)) return;
    if (!other.peek() || isAgain) put(to);
  };
  return (
    <div class="edit-corner">
      <label htmlFor={id}>
        {shape.kind !== "Point"
          ? t("edit.corner_at", { number: chosen.corner + 1 })
          : shape.parts.length > 1
            ? t("edit.point_of", { number: chosen.part + 1 })
            : t("edit.point_at")}
      </label>
      <input
        id={id}
        key={cornerText(at)}
        type="text"
        autocomplete="off"
        defaultValue={cornerText(at)}
        aria-invalid={isWrong.value ? "true" : undefined}
        aria-describedby={`${id}-why`}
        onChange={({ currentTarget }) => move(currentTarget.value)}
      />
      <span class="edit-why" id={`${id}-why`} role={isWrong.value ? "alert" : undefined}>
        {isWrong.value && t("edit.wrong.place")}
      </span>
      <SwapOffer
        text={other.value && cornerText(other.value)}
        take={other.value && (() => other.value && put(other.value))}
      />
      {shape.kind !== "Point" && (
        <div class="edit-tools">
          <button
            type="button"
            disabled={!canRemove(shape, chosen)}
            onClick={() => session.setShape(removedCorner(shape, chosen))}
          >
            {t("edit.corner_remove")}
          </button>
          {(chosen.ring > 0 || shape.parts.length > 1) && (
            <button type="button" onClick={() => session.setShape(removedRing(shape, chosen))}>
              {t(chosen.ring > 0 ? "edit.hole_remove" : "edit.part_remove")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

const REFUSED: Record<Refused["why"], Key> = {
  numbers: "edit.wrong.line_numbers",
  range: "edit.wrong.line_range",
  few: "edit.wrong.line_few",
  several: "edit.wrong.line_several",
};
/** Beyond this a list of corners is asked for before it is written out. */
const LONG = 2000;
/** Characters from which on pasted text is put in at once. */
const PASTED_LONG = 5000;

/** All corners as text: to read, to type, to paste. */
export function Coordinates({
  kinds,
  isMulti,
}: {
  kinds: readonly ShapeKind[];
  isMulti: (kind: ShapeKind) => boolean;
}) {
  const id = useId();
  const shape = session.shape.value;
  const typed = useSignal<string | null>(null);
  const kind = useSignal<ShapeKind | null>(null);
  const isOpen = useSignal(false);
  const refused = useSignal<Refused | null>(null);
  const other = useSignal<string | null>(null);
  const used = kind.value ?? shape?.kind ?? kinds[kinds.length - 1] ?? "Polygon";
  const isShown = isOpen.value && (session.cornersNow.value <= LONG || typed.value !== null);
  const take = () => {
    const found = shapeFrom(used, typed.value ?? "", isMulti(used));
    const isAgain = other.peek() !== null;
    other.value = swappedList(used, typed.value ?? "", start.peek());
    refused.value = "why" in found ? found : null;
    if ("why" in found || (other.peek() && !isAgain)) return;
    other.value = null;
    typed.value = null;
    session.setShape(found);
    const geometry = geometryOf(found);
    if (geometry) goTo(geometry);
  };
  return (
    <details
      class="edit-coordinates"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>{t("edit.coordinates")}</summary>
      {isOpen.value && (
        <>
          {kinds.length > 1 && (
            <label class="edit-kind">
              {t("edit.kind")}
              <select
                value={used}
                onChange={({ currentTarget }) => {
                  kind.value = currentTarget.value as ShapeKind;
                }}
              >
                {kinds.map((one) => (
                  <option key={one} value={one}>
                    {t(`edit.kind.${one}`)}
                  </option>
                ))}
              </select>
            </label>
          )}
          {!isShown && (
            <p class="note">
              {t("edit.coordinates_long", { count: number(session.cornersNow.value) })}{" "}
              <button
                type="button"
                onClick={() => {
                  typed.value = shape ? shapeText(shape) : "";
                }}
              >
                {t("edit.coordinates_show")}
              </button>
            </p>
          )}
          {isShown && (
            <>
              <label htmlFor={id}>{t("edit.coordinates_list")}</label>
              <textarea
                id={id}
                class="edit-code"
                rows={8}
                spellcheck={false}
                value={typed.value ?? (shape ? shapeText(shape) : "")}
                aria-describedby={`${id}-hint ${id}-why`}
                aria-invalid={refused.value ? "true" : undefined}
                onInput={({ currentTarget }) => {
                  typed.value = currentTarget.value;
                  refused.value = null;
                  other.value = null;
                }}
                onPaste={(event) => {
                  const pasted = event.clipboardData?.getData("text/plain") ?? "";
                  if (pasted.length < PASTED_LONG) return;
                  // line by line, as the browser puts them in, thousands of them take minutes
                  event.preventDefault();
                  const { value, selectionStart, selectionEnd } = event.currentTarget;
                  typed.value = value.slice(0, selectionStart) + pasted + value.slice(selectionEnd);
                  refused.value = null;
                }}
              />
              <small class="hint" id={`${id}-hint`}>
                {t("edit.coordinates_hint")}
              </small>
              <span class="edit-why" id={`${id}-why`} role={refused.value ? "alert" : undefined}>
                {refused.value && t(REFUSED[refused.value.why], { line: refused.value.line })}
              </span>
              <SwapOffer
                text={null}
                take={
                  other.value === null
                    ? null
                    : () => {
                        typed.value = other.value;
                        other.value = null;
                        take();
                      }
                }
              />
              <div class="edit-tools">
                <button type="button" disabled={typed.value === null} onClick={take}>
                  {t("edit.coordinates_take")}
                </button>
              </div>
            </>
          )}
        </>
      )}
    </details>
  );
}
