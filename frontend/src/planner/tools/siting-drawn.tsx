/** Candidates somebody draws: set on the map, listed with what each costs. */
import { computed } from "@preact/signals";
import { type Drawn, drawnFrom, drawnText } from "../../data/siting";
import { number } from "../../i18n";
import { picking } from "../overlay-state";
import * as state from "../state";
import { asked } from "./follow";
import { NumberField } from "./number-field";
import { t } from "./texts";

export const MOST_YUAN = 1e12;

export const drawn = computed<Drawn[]>(() => drawnFrom(asked("points")));

const keep = (points: readonly Drawn[]) => state.ask({ points: drawnText(points) || null, run: null });

/** Candidates set on the map: by click, or with the keyboard at the crosshair. */
export function DrawnPoints() {
  const isDrawing = picking.value !== null;
  const points = drawn.value;
  return (
    <fieldset class="limit">
      <legend>{t("tools.siting.drawn", { count: number(points.length) })}</legend>
      <button
        type="button"
        aria-pressed={isDrawing}
        onClick={() => {
          picking.value = isDrawing
            ? null
            : {
                kind: "place",
                take: ([lon, lat]) => keep([...drawn.peek(), { lon, lat, cost_yuan: null }]),
              };
        }}
      >
        {t(isDrawing ? "tools.siting.draw_end" : "tools.siting.draw")}
      </button>
      {isDrawing && <p class="hint">{t("tools.pick_hint")}</p>}
      <ul class="drawn">
        {points.map((point, place) => (
          <li key={`${point.lon},${point.lat}`}>
            <NumberField
              label={t("tools.siting.drawn_cost", { lon: point.lon.toFixed(5), lat: point.lat.toFixed(5) })}
              unit={t("tools.unit.yuan")}
              value={point.cost_yuan === null ? "" : String(point.cost_yuan)}
              least={0}
              most={MOST_YUAN}
              isOptional={true}
              onChange={(value) =>
                keep(
                  points.map((one, at) =>
                    at === place ? { ...one, cost_yuan: value === "" ? null : Number(value) } : one,
                  ),
                )
              }
            />
            <button type="button" onClick={() => keep(points.filter((_, at) => at !== place))}>
              {t("tools.remove")}
            </button>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
