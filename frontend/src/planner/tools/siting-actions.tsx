/** What follows from chosen sites: tried out as edits of a scenario, or made a project. */
import { useSignal } from "@preact/signals";
import { categoryNamed } from "../../data/catalogue";
import { editsOf, type Site, type SitingResult } from "../../data/siting";
import { number } from "../../i18n";
import { title } from "../../shared/lang";
import { asProblem } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { ProblemNote } from "../problem-note";
import { ruleText } from "../rule-text";
import * as state from "../state";
import { questionAsked } from "./choices";
import { leaveChosen } from "./follow";
import { type Begun, ProjectBox } from "./project-box";
import { may } from "./run-box";
import { placeName } from "./siting-names";
import { t } from "./texts";
import { told } from "./told";

interface Asked {
  run: SitingResult;
  sites: readonly Site[];
}

/** The chosen site, or all of them, and what can be made of it. */
export function SiteActions({ run, sites }: Asked) {
  if (!may("analyse") && !may("write_projects")) return null;
  return (
    <div class="actions">
      <TryOut run={run} sites={sites} />
      {may("write_projects") && (
        <ProjectBox
          label={
            sites.length > 1 ? t("tools.siting.project_all", { count: number(sites.length) }) : t("tools.gaps.project")
          }
          begun={() => projectOf(run, sites)}
        />
      )}
    </div>
  );
}

export function SiteCard({ run, site }: { run: SitingResult; site: Site }) {
  return (
    <section class="card" aria-label={t("tools.siting.chosen")}>
      <div class="details-head">
        <h3>{placeName(site)}</h3>
        <button type="button" class="close" aria-label={t("tools.siting.close")} onClick={() => leaveChosen("site")}>
          ×
        </button>
      </div>
      <SiteActions key={site.code} run={run} sites={[site]} />
    </section>
  );
}

/** Puts sites into the scenario panel, asked as the siting was, and opens it. */
export function TryOut({ run, sites }: Asked) {
  const problem = useSignal<Problem | null>(null);
  if (!may("analyse")) return null;
  const tryOut = async () => {
    problem.value = null;
    try {
      const [scenario, { editsText }] = await Promise.all([import("./scenario-state"), import("./scenario-draft")]);
      scenario.put(editsOf(run.category, sites, placeName));
      // one step of the browser: back leads to the sites again
      const edits = editsText(scenario.edits.now.peek());
      state.openTool("scenario", { category: run.category, ...questionAsked(run.parameters), edits });
    } catch (error) {
      problem.value = asProblem(error);
    }
  };
  return (
    <>
      <button type="button" class="small" onClick={() => void tryOut()}>
        {sites.length > 1 ? t("tools.siting.try_all", { count: number(sites.length) }) : t("tools.siting.try")}
      </button>
      {problem.value && <ProblemNote problem={problem.value} />}
    </>
  );
}

/** The project as far as the answer says: where, of what, why, for how much, and what it changes. */
function projectOf(run: SitingResult, sites: readonly Site[]): Begun {
  const category = title(categoryNamed(run.category)?.label);
  const places = sites.map(placeName).join("、");
  const isAll = sites.length === run.sites.length && sites.length > 1;
  const whose = isAll ? run.total : sites.length === 1 ? sites[0] : undefined;
  const costs = sites.map(({ cost_yuan }) => cost_yuan);
  const points = sites.map(({ lon, lat }) => [lon, lat]);
  return {
    name: t("tools.siting.project_name", { category, places }),
    kind: kindOf(run.category, sites),
    planned_yuan: costs.includes(null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
    description: t("tools.siting.project_text", {
      category,
      places,
      people: told(whose ?? {}, whose?.people),
      rule: ruleText(run.limit, run.parameters.profile ?? "standard", run.parameters.at),
      date: run.created_at.slice(0, 10),
    }),
    geometry:
      points.length === 1
        ? { type: "Point", coordinates: points[0] as number[] }
        : { type: "MultiPoint", coordinates: points },
    source: `siting/${run.category} run ${run.uid}`,
    measures: { edits: editsOf(run.category, sites, placeName) },
  };
}

/** The kind of project that places of a category are made by, as for projects of scenarios. */
const KINDS: Record<string, string> = {
  toilet: "toilet",
  waste_station: "waste_sorting",
  recycling: "waste_sorting",
  parking: "parking_charging",
  charging: "parking_charging",
  park: "pocket_park",
};

function kindOf(category: string, sites: readonly Site[]): string {
  const isWay = ({ kind }: Site) => kind === "gate" || kind.endsWith("crossing");
  if (sites.every(isWay)) return "road_lane";
  return KINDS[category] ?? "service_room";
}
