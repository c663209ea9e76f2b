/** Places before and after edits: who has enough, by area, and the load of the facilities that change. */
import { LEAST_PEOPLE, perThousand } from "../../data/capacity";
import type { PlaceAbout, PlaceFacility, PlaceRow, WithPlaces } from "../../data/scenario-places";
import { number, percent } from "../../i18n";
import { capital, lang } from "../../shared/lang";
import { bandLabel } from "../bands";
import { byLabel } from "../by-options";
import { focusQuietly } from "../focus";
import { ToVerify } from "../rule-list";
import { MoreRows, useMost } from "./most-rows";
import { t } from "./scenario-places-texts";
import { edits } from "./scenario-state";
import { t as tools } from "./texts";
import { signed, told } from "./told";

/** What is said where nobody's reach changes. */
export const nothingText = ({ capacity }: WithPlaces): string =>
  capacity ? t("scenario_places.nothing") : tools("tools.scenario.nothing");

export function Places({ found }: { found: WithPlaces & { by: string } }) {
  return (
    <>
      {found.capacity?.map((about) => (
        <OfCategory key={about.category} about={about} found={found} />
      ))}
    </>
  );
}

function OfCategory({ about, found }: { about: PlaceAbout; found: WithPlaces & { by: string } }) {
  const who = about.bands.map(bandLabel).join(lang.value === "zh" ? "、" : ", ");
  const needed = about.needed_per_1000;
  const total = found.capacity_totals?.find(({ category }) => category === about.category);
  const rows = (found.capacity_rows ?? []).filter((row) => row.category === about.category && differs(row));
  const facilities = (found.capacity_facilities ?? []).filter(
    ({ change, load_share_before, load_share_after }) => change || load_share_before !== load_share_after,
  );
  return (
    <section aria-label={t("scenario_places.title")}>
      <h4>{t("scenario_places.title")}</h4>
      <p class="hint">
        {needed === null
          ? t("scenario_places.who", { who })
          : t("scenario_places.needed", { who, needed: number(needed) })}
        {about.needed_to_verify && <ToVerify />}
      </p>
      {total && (
        <p>
          {t("scenario_places.enough", {
            before: told(total, total.enough_share_before, percent),
            after: told(total, total.enough_share_after, percent),
            short_before: told(total, total.people_below_needed_before),
            short_after: told(total, total.people_below_needed_after),
            difference: signed(total, total.people_below_needed_difference),
            unknown_before: told(total, total.people_unknown_before),
            unknown_after: told(total, total.people_unknown_after),
          })}
        </p>
      )}
      {rows.length > 0 && <Areas rows={rows} by={found.by} />}
      {facilities.length > 0 && <Facilities rows={facilities} />}
    </section>
  );
}

const differs = (row: PlaceRow): boolean =>
  row.places_per_1000_before !== row.places_per_1000_after ||
  row.people_below_needed_before !== row.people_below_needed_after ||
  row.people_unknown_before !== row.people_unknown_after;
const COLUMNS = [
  "per_1000_before",
  "per_1000_after",
  "short_before",
  "short_after",
  "unknown_before",
  "unknown_after",
] as const;

function Areas({ rows, by }: { rows: readonly PlaceRow[]; by: string }) {
  const most = useMost();
  const layer = by.includes("grid") ? "grids" : "areas";
  const change = ({
    people_below_needed_difference: people,
    places_per_1000_before,
    places_per_1000_after,
  }: PlaceRow) => Math.abs(people ?? 0) * 1e6 + Math.abs((places_per_1000_after ?? 0) - (places_per_1000_before ?? 0));
  const sorted = [...rows].sort((a, b) => change(b) - change(a));
  const per = (row: PlaceRow, side: "before" | "after") =>
    perThousand(row[`places_per_1000_${side}`], row.people_total_after);
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t("scenario_places.caption", { by: byLabel(by), count: number(rows.length) })}</caption>
        <thead>
          <tr>
            <th scope="col" class="plain">
              {capital(byLabel(by))}
            </th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" class="plain">
                {t(`scenario_places.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most.value).map((row) => (
            <tr key={row.code}>
              <th scope="row">
                {row.code === null ? (
                  tools("tools.capacity.outside")
                ) : (
                  <button type="button" class="link" onClick={() => void focusQuietly(layer, row.code as string)}>
                    {row.name ?? row.code}
                  </button>
                )}
              </th>
              <td class="number">{figure(per(row, "before"))}</td>
              <td class="number">{figure(per(row, "after"))}</td>
              <td class="number">{told(row, row.people_below_needed_before)}</td>
              <td class="number">{told(row, row.people_below_needed_after)}</td>
              <td class="number">{told(row, row.people_unknown_before)}</td>
              <td class="number">{told(row, row.people_unknown_after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <MoreRows most={most} total={rows.length} />
      {rows.some((row) => (row.people_total_after ?? LEAST_PEOPLE) < LEAST_PEOPLE) && (
        <p class="hint">{t("scenario_places.few", { least: number(LEAST_PEOPLE) })}</p>
      )}
    </div>
  );
}

function Facilities({ rows }: { rows: readonly PlaceFacility[] }) {
  const most = useMost();
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t("scenario_places.facilities")}</caption>
        <thead>
          <tr>
            <th scope="col" class="plain">
              {t("scenario_places.facility")}
            </th>
            {(["capacity_before", "capacity_after", "load_before", "load_after"] as const).map((column) => (
              <th key={column} scope="col" class="plain">
                {t(`scenario_places.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most.value).map((row) => (
            <tr key={row.code ?? row.edit_number}>
              <th scope="row">
                {row.code === null ? (
                  (row.name ?? t("scenario_places.new", { number: number(numberOf(row)) }))
                ) : (
                  <button
                    type="button"
                    class="link"
                    onClick={() => void focusQuietly("facilities", row.code as string)}
                  >
                    {row.name ?? row.code}
                  </button>
                )}
              </th>
              <td class="number">{figure(row.capacity_before)}</td>
              <td class="number">{figure(row.capacity_after)}</td>
              <td class="number">{percent(row.load_share_before)}</td>
              <td class="number">{percent(row.load_share_after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <MoreRows most={most} total={rows.length} />
    </div>
  );
}

/** The number a new facility has in the list of edits and on the map; the answer has an order of its own. */
function numberOf({ lon, lat, edit_number }: PlaceFacility): number {
  const isThere = ([x, y]: readonly number[]) => Math.abs((x ?? 0) - lon) < 1e-6 && Math.abs((y ?? 0) - lat) < 1e-6;
  const place = edits.now.value.findIndex(
    ({ edit, position }) => edit === "facility_add" && position && isThere(position),
  );
  return place >= 0 ? place + 1 : (edit_number ?? 0);
}

const figure = (value: number | null): string => (value === null ? "–" : number(value, value < 10 ? 1 : 0));
