/** While something is drawn: what to do, a place by typing, the buttons to end it. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { start } from "../../data/catalogue";
import type { LonLat } from "../../shared/api";
import { isNarrow } from "../../shared/narrow";
import { centreOf } from "../edit-state";
import { cornerOf, cornerText, isOnEarth, swapped } from "./coordinates";
import type { Drawing } from "./draft";
import * as session from "./session";
import { SwapOffer } from "./swap-offer";
import { type Key, t } from "./texts";

export function Snapping() {
  return (
    <label class="edit-check">
      <input
        type="checkbox"
        checked={session.snaps.value}
        onChange={({ currentTarget }) => {
          session.snaps.value = currentTarget.checked;
        }}
      />
      {t("edit.snap")}
    </label>
  );
}

const HOW: Record<Drawing["purpose"], Key> = {
  new: "edit.how.new",
  part: "edit.how.new",
  hole: "edit.how.hole",
  cut: "edit.how.cut",
};

export function DrawingTools() {
  const drawing = session.drawing.value;
  if (!drawing) return null;
  return (
    <div class="edit-drawing">
      <p>{t(drawing.kind === "Point" ? "edit.how.point" : HOW[drawing.purpose])}</p>
      <p class="hint">{t(isNarrow.value ? "edit.how.touch" : "edit.how.keys")}</p>
      <TypedCorner />
      {session.drawnWrong.value && (
        <p class="note note-bad" role="alert">
          {session.drawnWrong.value}
        </p>
      )}
      <DrawButtons />
      {drawing.kind !== "Point" && <Snapping />}
    </div>
  );
}

/** The buttons while something is drawn: in the panel, and over the map, where a thumb reaches them. */
export function DrawButtons({ isOverMap = false }: { isOverMap?: boolean }) {
  const drawing = session.drawing.value;
  if (!drawing) return null;
  return (
    <div class="edit-tools">
      {isOverMap && (
        <button type="button" class="primary" onClick={() => session.place(centreOf.current())}>
          {t("edit.draw.here")}
        </button>
      )}
      {drawing.kind !== "Point" && (
        <>
          <button type="button" class="primary" disabled={!session.canFinish.value} onClick={session.finish}>
            {t("edit.draw.finish")}
          </button>
          <button type="button" disabled={drawing.points.length === 0} onClick={session.unplace}>
            {t("edit.draw.back")}
          </button>
        </>
      )}
      <button type="button" onClick={session.cancelDrawing}>
        {t("edit.cancel")}
      </button>
    </div>
  );
}

/** One place by typing. */
function TypedCorner() {
  const id = useId();
  const typed = useSignal("");
  const isWrong = useSignal(false);
  const other = useSignal<LonLat | null>(null);
  const put = (at: LonLat) => {
    typed.value = "";
    isWrong.value = false;
    other.value = null;
    session.place(at);
  };
  const take = (event: Event) => {
    event.preventDefault();
    const at = cornerOf(typed.value);
    const meant = at && swapped(at, start.peek());
    // what was offered already is what the person wants after all
    const isAgain = other.peek() !== null;
    other.value = meant;
    isWrong.value = at === null || !isOnEarth(at);
    if (!at || isWrong.value || (meant && !isAgain)) return;
    put(at);
  };
  return (
    <form class="edit-typed" onSubmit={take}>
      <label htmlFor={id}>{t("edit.typed")}</label>
      <div class="pair">
        <input
          id={id}
          type="text"
          inputMode="text"
          autocomplete="off"
          placeholder="112.104, 30.8019"
          value={typed.value}
          aria-invalid={isWrong.value ? "true" : undefined}
          aria-describedby={`${id}-why`}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
            isWrong.value = false;
            other.value = null;
          }}
        />
        <button type="submit">{t("edit.typed_add")}</button>
      </div>
      <span class="edit-why" id={`${id}-why`} role={isWrong.value ? "alert" : undefined}>
        {isWrong.value && t("edit.wrong.place")}
      </span>
      <SwapOffer
        text={other.value && cornerText(other.value)}
        take={other.value && (() => other.value && put(other.value))}
      />
    </form>
  );
}
