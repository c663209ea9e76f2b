/** The parts of a shape of several: each brought into view or taken out by itself. */
import { metres } from "../../i18n";
import { geometryOf, removedRing, type Shape } from "../../map/edit-shape";
import { cornerText } from "./coordinates";
import { goTo } from "./go-to";
import { areaOfShape, areaText, lengthOfShape } from "./measured";
import * as session from "./session";
import { t } from "./texts";

const MOST = 50;

export function Parts({ shape }: { shape: Shape }) {
  if (shape.parts.length < 2) return null;
  const listed = shape.parts.slice(0, MOST);
  const title = t(shape.kind === "Point" ? "edit.places" : "edit.parts", { count: shape.parts.length });
  return (
    <details class="edit-parts">
      <summary>{title}</summary>
      <ol aria-label={title}>
        {listed.map((rings, part) => {
          const alone: Shape = { kind: shape.kind, parts: [rings] };
          const number = part + 1;
          return (
            <li key={part}>
              {sizeOf(alone)}{" "}
              <button
                type="button"
                class="link"
                aria-label={t("edit.part_show", { number })}
                onClick={() => {
                  const geometry = geometryOf(alone);
                  if (geometry) goTo(geometry);
                  session.chosen.value = { part, ring: 0, corner: 0 };
                }}
              >
                {t("edit.show")}
              </button>{" "}
              <button
                type="button"
                class="link"
                aria-label={t("edit.part_take", { number })}
                onClick={() => session.setShape(removedRing(shape, { part, ring: 0 }))}
              >
                {t("edit.take_out")}
              </button>
            </li>
          );
        })}
      </ol>
    </details>
  );
}

function sizeOf(alone: Shape): string {
  if (alone.kind === "Polygon") return areaText(areaOfShape(alone));
  const place = alone.parts[0]?.[0]?.[0];
  return alone.kind === "Line" ? metres(lengthOfShape(alone)) : place ? cornerText(place) : "";
}
