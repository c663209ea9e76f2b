/** The shape: what it measures, the tools to draw and change it, its corners as numbers, what is wrong with it. */
import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { metres, number } from "../../i18n";
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
import { isNarrow } from "../../shared/narrow";
import { centreOf } from "../edit-state";
import { ProblemText } from "../problem-note";
import { areaOf, lengthOf } from "../tools/geodesy";
import { cornerOf, cornerText, isOnEarth, type Refused, shapeFrom, shapeText } from "./coordinates";
import { goTo } from "./go-to";
import { MergeBox } from "./merge-box";
import * as session from "./session";
import { type Key, t } from "./texts";

const DRAW: Record<ShapeKind, Key> = { Point: "edit.draw.point", Line: "edit.draw.line", Polygon: "edit.draw.polygon" };

const REDRAW: Record<ShapeKind, Key> = {
  Point: "edit.redraw.point",
  Line: "edit.redraw.line",
  Polygon: "edit.redraw.polygon",
};

/** Square metres of a shape, holes taken off. */
export const areaOfShape = ({ kind, parts }: Shape): number =>
  kind === "Polygon"
    ? parts.reduce(
        (sum, rings) => sum + rings.reduce((rest, ring, place) => rest + (place ? -1 : 1) * areaOf(ring), 0),
        0,
      )
    : 0;

/** Metres along a line, or around a polygon with its holes. */
export const lengthOfShape = ({ kind, parts }: Shape): number =>
  parts.reduce(
    (sum, rings) =>
      sum + rings.reduce((rest, ring) => rest + lengthOf(kind === "Polygon" && ring[0] ? [...ring, ring[0]] : ring), 0),
    0,
  );

export const areaText = (m2: number): string =>
  m2 < 100_000
    ? t("edit.m2", { area: number(m2, m2 < 100 ? 1 : 0) })
    : m2 < 1e7
      ? t("edit.hectares", { area: number(m2 / 1e4, 1) })
      : t("edit.km2", { area: number(m2 / 1e6, 2) });

/** What the shape measures as it stands on the map now. */
export function Measured() {
  const shape = session.shapeNow.value;
  if (!shape || shape.kind === "Point" || (shape.parts[0]?.[0]?.length ?? 0) < 2) return null;
  const corners = shape.parts.reduce((sum, rings) => sum + rings.reduce((rest, ring) => rest + ring.length, 0), 0);
  return (
    <span class="edit-measured">
      {shape.kind === "Polygon" && (
        <>
          {t("edit.area")} <strong>{areaText(areaOfShape(shape))}</strong>{" "}
        </>
      )}
      {t(shape.kind === "Polygon" ? "edit.around" : "edit.length")} <strong>{metres(lengthOfShape(shape))}</strong>{" "}
      {t("edit.corners", { count: number(corners) })}
    </span>
  );
}

export function ShapeTools() {
  const form = session.form.value;
  if (!form || form.geometry.length === 0) return null;
  const shape = session.shape.now.value;
  const drawing = session.drawing.value;
  const why = session.faults.value.geometry;
  return (
    <section class="edit-shape" aria-labelledby="edit-shape">
      <h3 id="edit-shape">{t("edit.shape")}</h3>
      <p aria-live="polite">
        <Measured />
      </p>
      {why && (
        <p class="note note-bad" role="alert">
          {why}
        </p>
      )}
      {drawing ? <DrawingTools /> : <Tools shape={shape} kinds={session.kindOf(form.geometry)} />}
      {shape && !drawing && <Corner shape={shape} />}
      {!drawing && <Coordinates kinds={session.kindOf(form.geometry)} />}
      <Problems />
    </section>
  );
}

function Tools({ shape, kinds }: { shape: Shape | null; kinds: readonly ShapeKind[] }) {
  const isStored = session.row.value !== null && !session.isDirty.value;
  return (
    <>
      <div class="edit-tools">
        {kinds.map((kind) => (
          <button key={kind} type="button" onClick={() => session.draw("new", kind)}>
            {t(shape ? (shape.kind === kind ? "edit.draw.again" : REDRAW[kind]) : DRAW[kind])}
          </button>
        ))}
        {shape && shape.kind !== "Point" && (
          <button type="button" onClick={() => session.draw("part", shape.kind)}>
            {t("edit.draw.part")}
          </button>
        )}
        {shape?.kind === "Polygon" && (
          <button type="button" onClick={() => session.draw("hole", "Polygon")}>
            {t("edit.draw.hole")}
          </button>
        )}
        {shape && shape.kind !== "Point" && (
          <button
            type="button"
            disabled={!isStored}
            title={isStored ? undefined : t("edit.save_first")}
            onClick={() => session.draw("cut", "Line")}
          >
            {t("edit.split")}
          </button>
        )}
        <UndoRedo />
      </div>
      {shape && shape.kind !== "Point" && <Snapping />}
      {session.withoutHandle.value > 0 && (
        <p class="hint" role="status">
          {t("edit.too_many", { count: number(session.withoutHandle.value) })}
        </p>
      )}
      {shape && shape.kind !== "Point" && <MergeBox isStored={isStored} />}
    </>
  );
}

const UndoRedo = () => (
  <>
    <button type="button" disabled={!session.shape.canUndo.value} onClick={session.shape.undo}>
      {t("edit.undo")}
    </button>
    <button type="button" disabled={!session.shape.canRedo.value} onClick={session.shape.redo}>
      {t("edit.redo")}
    </button>
  </>
);

function Snapping() {
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

const HOW: Record<session.Purpose, Key> = {
  new: "edit.how.new",
  part: "edit.how.new",
  hole: "edit.how.hole",
  cut: "edit.how.cut",
};

function DrawingTools() {
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
  const take = (event: Event) => {
    event.preventDefault();
    const at = cornerOf(typed.value);
    isWrong.value = at === null || !isOnEarth(at);
    if (!at || isWrong.value) return;
    typed.value = "";
    session.place(at);
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
          }}
        />
        <button type="submit">{t("edit.typed_add")}</button>
      </div>
      <span class="edit-why" id={`${id}-why`} role={isWrong.value ? "alert" : undefined}>
        {isWrong.value && t("edit.wrong.place")}
      </span>
    </form>
  );
}

/** The corner that was chosen on the map: its place as numbers, and its removal. */
function Corner({ shape }: { shape: Shape }) {
  const id = useId();
  const chosen = session.chosen.value ?? (shape.kind === "Point" ? { part: 0, ring: 0, corner: 0 } : null);
  const at = chosen && cornerAt(shape, chosen);
  const isWrong = useSignal(false);
  if (!chosen || !at) return null;
  const move = (typed: string) => {
    const to = cornerOf(typed);
    isWrong.value = to === null || !isOnEarth(to);
    if (to && !isWrong.value && cornerText(to) !== cornerText(at)) session.setShape(movedCorner(shape, chosen, to));
  };
  return (
    <div class="edit-corner">
      <label htmlFor={id}>
        {shape.kind === "Point" ? t("edit.point_at") : t("edit.corner_at", { number: chosen.corner + 1 })}
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
function Coordinates({ kinds }: { kinds: readonly ShapeKind[] }) {
  const id = useId();
  const shape = session.shape.now.value;
  const typed = useSignal<string | null>(null);
  const kind = useSignal<ShapeKind | null>(null);
  const isOpen = useSignal(false);
  const refused = useSignal<Refused | null>(null);
  const used = kind.value ?? shape?.kind ?? kinds[kinds.length - 1] ?? "Polygon";
  const isShown = isOpen.value && (session.cornersNow.value <= LONG || typed.value !== null);
  const take = () => {
    const found = shapeFrom(used, typed.value ?? "");
    if ("why" in found) {
      refused.value = found;
      return;
    }
    refused.value = null;
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

/** What the server says of the shape; the numbers stand on the map too. */
function Problems() {
  const answer = session.checked.state.value;
  if (answer.status === "loading")
    return (
      <p role="status" class="hint">
        {t("edit.checking")}
      </p>
    );
  if (answer.status === "failed")
    return (
      <p class="hint" role="status">
        {t("edit.not_checked")} <ProblemText problem={answer.problem} />
      </p>
    );
  if (answer.status !== "ready") return null;
  const { problems } = answer.value;
  if (problems.length === 0)
    return (
      <p class="note note-good" role="status">
        {t("edit.checked")}
      </p>
    );
  return (
    <div class="note" role="status">
      <p>
        <strong>{t("edit.problems", { count: answer.value.problems_count ?? problems.length })}</strong>
      </p>
      <ol class="edit-problems">
        {problems.map(({ sentence, geometry, area_m2, blocks }, place) => (
          <li key={place}>
            {blocks && <strong>{t("edit.blocks")} </strong>}
            {sentence}
            {area_m2 ? ` (${areaText(area_m2)})` : ""}{" "}
            {geometry && (
              <button type="button" class="link" onClick={() => goTo(geometry)}>
                {t("edit.show")}
              </button>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
