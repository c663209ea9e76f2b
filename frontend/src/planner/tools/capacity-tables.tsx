/** Tables of capacity: areas or grids, and the facilities; how classes are drawn. */
import {
  type CapacityResult,
  type CapacityRow,
  figureOf,
  isOfFew,
  LEAST_PEOPLE,
  perThousand,
  type Step,
  stepOf,
} from "../../data/capacity";
import { number } from "../../i18n";
import type { SymbolStyle } from "../../map/style";
import { capital } from "../../shared/lang";
import { byLabel } from "../by-options";
import * as state from "../state";
import { Swatch } from "../swatch";
import { asked } from "./follow";
import { Facility } from "./gap-zone";
import { MoreRows, useMost } from "./most-rows";
import { t } from "./texts";
import { told } from "./told";

const FILLS = ["#b35806", "#fdb863", "#c6dbef", "#4292c6", "#08306b"];
export const symbol = (fill: string, pattern: SymbolStyle["pattern"] = "none"): SymbolStyle => ({
  fill,
  fill_opacity: 0.65,
  stroke: pattern === "none" ? "#5b6670" : "#3a1c00",
  width_px: 0.8,
  dash: [],
  shape: "circle",
  radius_px: 5,
  glyph: null,
  pattern,
});
export const NOTHING = symbol("#b35806", "hatch");
const SYMBOLS = FILLS.map((fill) => symbol(fill));
export const symbolAt = (step: number): SymbolStyle => SYMBOLS[step] ?? NOTHING;

/** One row an area or grid, the least first. */
export function AreaTable({ run, steps }: { run: CapacityResult; steps: readonly Step[] }) {
  const isRatio = run.measure === "ratio";
  const most = useMost();
  const rows = [...run.rows].sort((a, b) => order(a) - order(b) || (a.code ?? "").localeCompare(b.code ?? ""));
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t("tools.capacity.caption", { by: byLabel(run.by), count: number(rows.length) })}</caption>
        <thead>
          <tr>
            <th scope="col" class="plain">
              {capital(byLabel(run.by))}
            </th>
            <th scope="col" class="plain">
              {t(isRatio ? "tools.capacity.per_household" : "tools.capacity.per_1000")}
            </th>
            <th scope="col" class="plain">
              {t(isRatio ? "tools.capacity.households" : "tools.capacity.people")}
            </th>
            <th scope="col" class="plain">
              {t(isRatio ? "tools.capacity.spaces" : "tools.capacity.below")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most.value).map((row) => (
            <Row key={row.code} row={row} isRatio={isRatio} steps={steps} />
          ))}
        </tbody>
      </table>
      <MoreRows most={most} total={rows.length} />
      {rows.some(isOfFew) && <p class="hint">{t("tools.capacity.few", { least: number(LEAST_PEOPLE) })}</p>}
    </div>
  );
}

/** The least first; what is not known last. */
const order = (row: CapacityRow): number => figureOf(row) ?? Number.MAX_VALUE;
export const figureText = (figure: number | null): string =>
  figure === null ? t("tools.unknown") : number(figure, figure < 10 ? 2 : 0);
/** How many people a figure is of, behind it on the map. */
export const besideText = ({ people_total }: CapacityRow): string =>
  people_total == null ? "" : t("tools.capacity.beside", { people: number(people_total) });
function Row({ row, isRatio, steps }: { row: CapacityRow; isRatio: boolean; steps: readonly Step[] }) {
  const { code, name } = row;
  const figure = figureOf(row);
  return (
    <tr class={code !== null && code === asked("place") ? "is-chosen" : ""}>
      <th scope="row">
        {code === null ? (
          t("tools.capacity.outside")
        ) : (
          <button
            type="button"
            class="link"
            aria-pressed={code === asked("place")}
            onClick={() => state.ask({ place: code })}
          >
            {name ?? code}
          </button>
        )}
      </th>
      <td class="number">
        {figure !== null && <Swatch symbol={symbolAt(stepOf(steps, figure))} kind="area" />}{" "}
        {isOfFew(row) ? "–" : figureText(figure)}
      </td>
      <td class="number">{told(row, isRatio ? row.households : row.people_total)}</td>
      <td class="number">{isRatio ? figureText(row.spaces ?? null) : told(row, row.people_below_needed)}</td>
    </tr>
  );
}

export function Facilities({ run }: { run: CapacityResult }) {
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t("tools.capacity.facilities")}</caption>
        <thead>
          <tr>
            {(["facility", "capacity", "people", "per_1000"] as const).map((column) => (
              <th key={column} scope="col" class="plain">
                {t(`tools.capacity.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {run.facilities?.map(({ code, name, capacity: places, people_within, places_per_1000, withheld }) => (
            <tr key={code}>
              <th scope="row">
                <Facility code={code} name={name} />
              </th>
              <td class="number">{places === null ? t("tools.unknown") : number(places)}</td>
              <td class="number">{told({ withheld }, people_within)}</td>
              <td class="number">
                {places_per_1000 !== null && perThousand(places_per_1000, people_within) === null
                  ? "–"
                  : figureText(places_per_1000)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
