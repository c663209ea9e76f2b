/** Candidates somebody draws: set on the map, listed with what each costs. */
import { type Drawn, drawnText, freeLetter } from "../../data/siting";
import { number } from "../../i18n";
import { picking } from "../overlay-state";
import * as state from "../state";
import { NumberField } from "./number-field";
import { candidateName, drawn } from "./siting-names";
import { t } from "./texts";

export const MOST_YUAN = 1e12;

const keep = (points: readonly Drawn[]) => state.ask({ points: drawnText(points) || null, run: null });

/** Another name; a letter said with its word is a letter, nothing is the next free one. What was computed stays. */
function rename(place: number, said: string): void {
  const points = drawn.peek();
  const others = points.filter((_, at) => at !== place);
  const letter = /^(?:候选|candidate)?\s*([A-Z]{1,2})$/i.exec(said)?.[1]?.toUpperCase();
  const name = (letter ?? said) || freeLetter(others);
  state.ask({ points: drawnText(points.map((one, at) => (at === place ? { ...one, name } : one))) });
}

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
                take: ([lon, lat]) =>
                  keep([...drawn.peek(), { lon, lat, cost_yuan: null, name: freeLetter(drawn.peek()) }]),
              };
        }}
      >
        {t(isDrawing ? "tools.siting.draw_end" : "tools.siting.draw")}
      </button>
      {isDrawing && <p class="hint">{t("tools.pick_hint")}</p>}
      <ul class="drawn">
        {points.map((point, place) => (
          <li key={`${point.lon},${point.lat}`}>
            <label class="choice">
              <span>{t("tools.siting.drawn_name")}</span>
              <input
                type="text"
                maxLength={40}
                value={candidateName(point.name)}
                onChange={({ currentTarget }) => rename(place, currentTarget.value.trim())}
              />
            </label>
            <NumberField
              label={t("tools.siting.drawn_cost")}
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
            <button
              type="button"
              class="close"
              aria-label={t("tools.edit.remove", { edit: candidateName(point.name) })}
              onClick={() => keep(points.filter((_, at) => at !== place))}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
