/** The shape: what it measures and the tools to draw and change it. */
import { number } from "../../i18n";
import type { Shape, ShapeKind } from "../../map/edit-shape";
import { Coordinates, Corner } from "./corners";
import { DrawingTools, Snapping } from "./drawing-tools";
import { Measured } from "./measured";
import { MergeBox } from "./merge-box";
import { Parts } from "./parts";
import * as session from "./session";
import { Problems } from "./shape-problems";
import { type Key, t } from "./texts";

const DRAW: Record<ShapeKind, Key> = { Point: "edit.draw.point", Line: "edit.draw.line", Polygon: "edit.draw.polygon" };

const REDRAW: Record<ShapeKind, Key> = {
  Point: "edit.redraw.point",
  Line: "edit.redraw.line",
  Polygon: "edit.redraw.polygon",
};

export function ShapeTools() {
  const form = session.form.value;
  if (!form || form.geometry.length === 0) return null;
  const shape = session.shape.value;
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
      {shape && !drawing && <Parts shape={shape} />}
      {shape && !drawing && <Corner shape={shape} />}
      {!drawing && <Coordinates kinds={session.kindOf(form.geometry)} isMulti={isMulti} />}
      <Problems />
    </section>
  );
}

/** Whether the layer takes shapes of several parts of a kind. */
const isMulti = (kind: ShapeKind): boolean =>
  session.form.value?.geometry.includes(kind === "Line" ? "MultiLineString" : `Multi${kind}`) ?? false;

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
        {shape && isMulti(shape.kind) && (
          <button type="button" onClick={() => session.draw("part", shape.kind)}>
            {t(shape.kind === "Point" ? "edit.draw.point_more" : "edit.draw.part")}
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
