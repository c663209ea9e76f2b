/** Best sites: for so many sites or so much money, from stored and drawn candidates; numbered on the map and listed. */
import { computed, effect } from "@preact/signals";
import { categoryNamed, STANDARD } from "../../data/catalogue";
import { doneOf, runner } from "../../data/runs";
import type { SitingResult } from "../../data/siting";
import { number } from "../../i18n";
import type { OverlayShape } from "../../map/overlay";
import { say } from "../../shared/lang";
import { overlay } from "../overlay-state";
import { RuleList } from "../rule-list";
import { ruleText } from "../rule-text";
import * as state from "../state";
import { Swatch } from "../swatch";
import { CategoryChoice, fitsWalk, LimitChoice, WalkChoices, walkAsked } from "./choices";
import { asked, followRun, goToChosen, together } from "./follow";
import { DrawnNote, MOST_DRAWN } from "./most-rows";
import { NumberField } from "./number-field";
import type { ToolPart } from "./part";
import { About, RunBox } from "./run-box";
import { SiteActions, SiteCard } from "./siting-actions";
import { DrawnPoints, MOST_YUAN } from "./siting-drawn";
import { candidateSymbol, SITE_KINDS, siteSymbol } from "./siting-marks";
import { badgeOf, candidateName, drawn, placeName } from "./siting-names";
import { followReach, ReachHint, ReachLegend } from "./siting-reach";
import { byReach, OtherTable, SiteTable, Totals } from "./siting-tables";
import { t } from "./texts";
import "./tools.css";

const siting = runner<SitingResult>("siting");
const result = computed(() => doneOf(siting.state.value));
const MOST_SITES = 100;

const isByBudget = () => asked("budget") !== null;

function question(): object | null {
  const category = asked("category");
  if (!category) return null;
  const build = asked("build");
  const points = drawn.value.map(({ lon, lat, name, cost_yuan }) => ({
    lon,
    lat,
    name,
    ...(cost_yuan !== null && { cost_yuan }),
  }));
  return {
    category,
    ...walkAsked(),
    ...(isByBudget() ? { budget_yuan: Number(asked("budget")) } : { k: Number(asked("k") ?? 3) }),
    ...(build && { costs: { build: Number(build) } }),
    ...(points.length > 0 && { points }),
    ...(asked("unverified") === "1" && { ignore_unverified_areas: true }),
  };
}

function Panel() {
  const category = asked("category");
  return (
    <>
      <CategoryChoice clears={["run"]} />
      <LimitChoice clears={["run"]} />
      <WalkChoices clears={["run"]} />
      <HowMuch />
      <NumberField
        label={t("tools.siting.build")}
        unit={t("tools.unit.yuan_each")}
        value={asked("build") ?? ""}
        least={0}
        most={MOST_YUAN}
        isOptional={true}
        onChange={(value) => state.ask({ build: value || null, run: null })}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={asked("unverified") === "1"}
          onChange={({ currentTarget }) => state.ask({ unverified: currentTarget.checked ? "1" : null, run: null })}
        />
        {t("tools.siting.ignore_unverified")}
      </label>
      <DrawnPoints />
      <RunBox
        kind="siting"
        runner={siting}
        question={question()}
        label={t("tools.siting.run")}
        fits={(parameters) => parameters.category === category && fitsWalk(parameters)}
        describe={({ parameters }) =>
          parameters.k != null
            ? t("tools.siting.of_k", { count: number(Number(parameters.k)) })
            : parameters.budget_yuan != null
              ? t("tools.siting.of_budget", { yuan: number(Number(parameters.budget_yuan)) })
              : ""
        }
      />
      {result.value && <Found run={result.value} />}
    </>
  );
}

function HowMuch() {
  const byBudget = isByBudget();
  return (
    <fieldset class="limit">
      <legend>{t("tools.siting.how_much")}</legend>
      <div class="segments">
        {([false, true] as const).map((option) => (
          <label key={String(option)} class={option === byBudget ? "is-on" : ""}>
            <input
              type="radio"
              name="siting-how"
              checked={option === byBudget}
              onChange={() =>
                state.ask(option ? { budget: "3000000", k: null, run: null } : { budget: null, run: null })
              }
            />
            {t(option ? "tools.siting.by_budget" : "tools.siting.by_k")}
          </label>
        ))}
      </div>
      {byBudget ? (
        <NumberField
          label={t("tools.siting.budget")}
          unit={t("tools.unit.yuan")}
          value={asked("budget") ?? ""}
          least={1}
          most={MOST_YUAN}
          onChange={(value) => state.ask({ budget: value, run: null })}
        />
      ) : (
        <NumberField
          label={t("tools.siting.k")}
          value={asked("k") ?? "3"}
          least={1}
          most={MOST_SITES}
          isWhole={true}
          onChange={(value) => state.ask({ k: value, run: null })}
        />
      )}
    </fieldset>
  );
}

function Found({ run }: { run: SitingResult }) {
  const site = run.sites.find(({ code }) => code === asked("site"));
  return (
    <>
      <div class="rule" role="status">
        {ruleText(run.limit, run.parameters.profile ?? STANDARD, run.parameters.at)}
        <RuleList rules={run.rule?.clauses ?? []} />
        <Totals run={run} />
      </div>
      {site && <SiteCard run={run} site={site} />}
      <SiteTable run={run} sites={run.sites} />
      <ReachHint site={site} />
      {run.sites.length > 1 && <SiteActions key={run.uid} run={run} sites={run.sites} />}
      <OtherTable run={run} />
      <About result={run} />
    </>
  );
}

function Legend({ isOpen }: { isOpen: boolean }) {
  const run = result.value;
  if (!run) return null;
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("tools.siting.legend", { category: say(categoryNamed(run.category)?.label) })}</p>
      {isOpen && (
        <p class="legend-rule">{ruleText(run.limit, run.parameters.profile ?? STANDARD, run.parameters.at)}</p>
      )}
      <ul class={isOpen ? "" : "is-short"}>
        {SITE_KINDS.map((kind) => (
          <li key={kind}>
            <Swatch symbol={siteSymbol(kind)} kind="point" />
            {t(`tools.siting.legend_${kind}`)}
          </li>
        ))}
      </ul>
      <ReachLegend isOpen={isOpen} />
      <DrawnNote total={run.candidates.length} />
    </div>
  );
}

/** Places are kept to seven digits. */
const placeKey = ({ lon, lat }: { lon: number; lat: number }) => `${lon.toFixed(6)},${lat.toFixed(6)}`;

function shapes(): OverlayShape[] {
  const run = result.value;
  const chosen = asked("site");
  const point = (lon: number, lat: number) => ({ type: "Point" as const, coordinates: [lon, lat] });
  const known = new Set([...(run?.sites ?? []), ...(run?.candidates ?? [])].map(placeKey));
  return [
    ...byReach(run?.candidates ?? [])
      .slice(0, MOST_DRAWN)
      .reverse()
      .map((one) => ({
        key: one.code,
        geometry: point(one.lon, one.lat),
        symbol: candidateSymbol(one),
        title: placeName(one),
        ...badgeOf(one),
        isChosen: one.code === chosen,
      })),
    ...drawn.value
      .filter((one) => !known.has(placeKey(one)))
      .map(({ lon, lat, name }) => ({
        key: null,
        geometry: point(lon, lat),
        symbol: siteSymbol("drawn"),
        badge: name.slice(0, 2),
        title: candidateName(name),
      })),
    ...(run?.sites ?? []).map((one) => ({
      key: one.code,
      geometry: point(one.lon, one.lat),
      symbol: siteSymbol("chosen"),
      badge: String(one.order),
      title: placeName(one),
      isChosen: one.code === chosen,
    })),
  ];
}

function start(): () => void {
  return together(
    followRun(siting),
    followReach(result),
    effect(() => {
      overlay.value = {
        shapes: shapes(),
        onPick: (code, byKeyboard) => {
          state.ask({ site: code });
          state.open("tool");
          goToChosen(byKeyboard);
        },
      };
    }),
  );
}

export const part: ToolPart = { Panel, Legend, start };
