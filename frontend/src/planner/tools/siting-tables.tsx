/** Chosen sites and all other candidates as tables. */
import { beyondAll, type Candidate, type Site, type SitingResult } from "../../data/siting";
import { number, percent } from "../../i18n";
import { say } from "../../shared/lang";
import * as state from "../state";
import { asked } from "./follow";
import { MoreRows, useMost } from "./most-rows";
import { TryOut } from "./siting-actions";
import { placeName } from "./siting-names";
import { t } from "./texts";
import { told } from "./told";

const yuan = (amount: number | null): string => (amount === null ? t("tools.unknown") : number(amount));

export function Totals({ run }: { run: SitingResult }) {
  const { total, before, after, proof } = run;
  const unit = run.counted_by;
  return (
    <>
      <p>
        <strong>
          {t(unit === "people" ? "tools.siting.total_people" : "tools.siting.total_homes", {
            sites: number(total.sites),
            count: unit === "people" ? told(total, total.people) : number(total.homes),
          })}
        </strong>
      </p>
      {unit === "people" && total.homes_covered_from_unknown > 0 && (
        <p>
          {t("tools.siting.unsure", {
            count: told(total, total.people_covered_from_unknown),
          })}
        </p>
      )}
      <p>
        {t("tools.siting.before_after", {
          before: percent(before[`${unit}_covered_share`]),
          after: percent(after[`${unit}_covered_share`]),
        })}
      </p>
      <Unreached run={run} />
      {total.cost_yuan !== null && (
        <p>{t("tools.siting.cost", { yuan: yuan(total.cost_yuan), each: yuan(total.yuan_per_person) })}</p>
      )}
      {proof && (
        <p>
          {proof.is_proven ? t("tools.siting.proven") : t("tools.siting.not_proven", { gap: percent(proof.gap_share) })}
        </p>
      )}
    </>
  );
}

/** People no candidate there is reaches, however many were built; and what to do about it. */
function Unreached({ run }: { run: SitingResult }) {
  const left = beyondAll(run);
  if (left === null || left <= 0) return null;
  return (
    <p class="note">
      {t(run.counted_by === "people" ? "tools.siting.beyond_people" : "tools.siting.beyond_homes", {
        count: number(left),
      })}{" "}
      <button
        type="button"
        class="link"
        onClick={() => {
          const { category, circle } = state.tool.peek()?.asked ?? {};
          state.openTool("gaps", { ...(category && { category }), ...(circle && { circle }) });
        }}
      >
        {t("tools.siting.see_gaps")}
      </button>
    </p>
  );
}

function NameButton({ place }: { place: Site | Candidate }) {
  return (
    <button
      type="button"
      class="link"
      aria-pressed={asked("site") === place.code}
      onClick={() => {
        state.ask({ site: place.code });
        state.focus.value = [place.lon, place.lat];
      }}
    >
      {placeName(place)}
    </button>
  );
}

export function SiteTable({ run, sites }: { run: SitingResult; sites: readonly Site[] }) {
  if (sites.length === 0) return <p class="note">{t("tools.siting.none")}</p>;
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t("tools.siting.caption")}</caption>
        <thead>
          <tr>
            {(["site", "people", "cost", "each"] as const).map((column) => (
              <th key={column} scope="col" class="plain">
                {t(`tools.siting.column_${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sites.map((site) => (
            <tr key={site.code} class={asked("site") === site.code ? "is-chosen" : ""}>
              <th scope="row">
                <strong>{number(site.order)}.</strong> <NameButton place={site} />
                {site.needs_consent && <small>{t("tools.siting.consent")}</small>}
                <TryOut run={run} sites={[site]} />
              </th>
              <td class="number">
                {told(site, site.people)}
                <small>{t("tools.buildings", { count: number(site.homes ?? 0) })}</small>
              </td>
              <td class="number">
                {yuan(site.cost_yuan)}
                {site.cost_is_usual && <small>{t("tools.siting.usual")}</small>}
              </td>
              <td class="number">{yuan(site.yuan_per_person)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Eligible ones first, those that reach most people before the others. */
export const byReach = (candidates: readonly Candidate[]): Candidate[] =>
  [...candidates].sort((a, b) => Number(a.why !== null) - Number(b.why !== null) || (b.people ?? 0) - (a.people ?? 0));

export function OtherTable({ run }: { run: SitingResult }) {
  const most = useMost();
  const { candidates } = run;
  if (candidates.length === 0) return null;
  const sorted = byReach(candidates);
  return (
    <details open={candidates.length <= 12}>
      <summary>{t("tools.siting.others", { count: number(candidates.length) })}</summary>
      <div class="table-frame">
        <table class="results">
          <caption>{t("tools.siting.others_caption")}</caption>
          <thead>
            <tr>
              <th scope="col" class="plain">
                {t("tools.siting.column_candidate")}
              </th>
              <th scope="col" class="plain">
                {t("tools.siting.column_why")}
              </th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, most.value).map((one) => (
              <tr key={one.code} class={asked("site") === one.code ? "is-chosen" : ""}>
                <th scope="row">
                  <NameButton place={one} />
                </th>
                <td>{one.why ? say(one.why) : aloneText(one, run)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <MoreRows most={most} total={sorted.length} />
      </div>
    </details>
  );
}

/** Whom a candidate would reach alone; where people are rounded, a figure that is missing is about few. */
const aloneText = ({ people, homes }: Candidate, { total, counted_by }: SitingResult): string =>
  t("tools.siting.alone", {
    people: told({ withheld: total.withheld !== undefined && counted_by === "people" }, people),
    homes: number(homes ?? 0),
  });
