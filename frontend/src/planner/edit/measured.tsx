/** What a shape measures, on the sphere of the earth's mean radius. */
import { metres, number } from "../../i18n";
import type { Shape } from "../../map/edit-shape";
import { areaOf, lengthOf } from "../tools/geodesy";
import * as session from "./session";
import { t } from "./texts";

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
