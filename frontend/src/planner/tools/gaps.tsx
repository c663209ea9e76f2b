/** Gap zones: chosen by category, ranked in a table, drawn with their reason; table and map choose each other. */
import { computed, effect, untracked } from "@preact/signals";
import { categoryNamed, STANDARD } from "../../data/catalogue";
import { type GapCategory, type GapsResult, REASONS, type Zone } from "../../data/gaps";
import { asRead } from "../../data/readings";
import { doneOf, type Parameters, runner } from "../../data/runs";
import { metres, number } from "../../i18n";
import { gapSymbol } from "../../map/gap-style";
import { capital, say } from "../../shared/lang";
import { overlay } from "../overlay-state";
import { ReadingChoice } from "../reading-choice";
import { RuleList } from "../rule-list";
import { ruleText } from "../rule-text";
import * as state from "../state";
import { Swatch } from "../swatch";
import { CategoryChoice, fitsWalk, LimitChoice, WalkChoices, walkAsked } from "./choices";
import { asked, followRun, goToChosen, leaveChosen, show, together } from "./follow";
import { isEmpty, placeOf, rankText, TaskMaker, ZoneCard } from "./gap-zone";
import { DrawnNote, MOST_DRAWN, MoreRows, useMost } from "./most-rows";
import type { ToolPart } from "./part";
import { About, RunBox } from "./run-box";
import { t } from "./texts";
import { told } from "./told";
import "./tools.css";

const gaps = runner<GapsResult>("gaps");
const result = computed(() => {
  const run = doneOf(gaps.state.value);
  return run && asRead(run, state.ifClosed.value, []);
});

const found = computed<{ of: GapCategory; zones: Zone[] } | null>(() => {
  const run = result.value;
  const of = run?.categories.find(({ category }) => category === asked("category")) ?? run?.categories[0];
  if (!run || !of) return null;
  return { of, zones: run.zones.filter(({ category }) => category === of.category) };
});

const chosen = computed(() => found.value?.zones.find(({ number }) => String(number) === asked("zone")) ?? null);

function choose(zone: Zone, isSought: boolean): void {
  state.ask({ zone: String(zone.number) });
  if (isSought) show(zone.geometry);
}

function Panel() {
  const category = asked("category");
  return (
    <>
      <CategoryChoice clears={["run", "zone"]} />
      <LimitChoice clears={["run", "zone"]} />
      <WalkChoices clears={["run", "zone"]} />
      <RunBox
        kind="gaps"
        runner={gaps}
        question={category ? { categories: [category], ...walkAsked() } : null}
        label={t("tools.gaps.run")}
        fits={(parameters) => fits(parameters, category)}
      />
      {found.value && result.value && <Found of={found.value.of} zones={found.value.zones} run={result.value} />}
    </>
  );
}

const ruleOf = ({ limit }: GapCategory, { parameters }: GapsResult): string =>
  ruleText(limit, parameters.profile ?? STANDARD, parameters.at);

function fits(parameters: Parameters, category: string | null): boolean {
  const listed = parameters.categories as string[] | null;
  return fitsWalk(parameters) && category !== null && (listed === null || listed.includes(category));
}

function Found({ of, zones, run }: { of: GapCategory; zones: Zone[]; run: GapsResult }) {
  const most = useMost();
  return (
    <>
      <div class="rule" role="status">
        {ruleOf(of, run)}
        <RuleList rules={of.rule.clauses} />
      </div>
      <ReadingChoice run={run} />
      {chosen.value && <ZoneCard zone={chosen.value} run={run} onClose={() => leaveChosen("zone")} />}
      {zones.length === 0 ? (
        <p class="note">{t("tools.gaps.none")}</p>
      ) : (
        <div class="table-frame">
          <table class="results">
            <caption>{t("tools.gaps.caption", { count: number(zones.length) })}</caption>
            <thead>
              <tr>
                {(["rank", "reason", "people", "alternative"] as const).map((column) => (
                  <th key={column} scope="col" class="plain">
                    {t(`tools.gaps.column_${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {zones.slice(0, most.value).map((zone) => (
                <ZoneRow key={zone.number} zone={zone} />
              ))}
            </tbody>
          </table>
          <MoreRows most={most} total={zones.length} />
        </div>
      )}
      <TaskMaker run={run} />
      <About result={run} />
    </>
  );
}

function ZoneRow({ zone }: { zone: Zone }) {
  const { reason, people, buildings, alternative } = zone;
  return (
    <tr class={chosen.value === zone ? "is-chosen" : ""}>
      <th scope="row">
        <button type="button" class="link" aria-pressed={chosen.value === zone} onClick={() => choose(zone, true)}>
          {rankText(zone)}
        </button>
        <small>{placeOf(zone)}</small>
      </th>
      <td>
        <span class="with-swatch">
          <Swatch symbol={gapSymbol(reason)} kind="area" />
          {t(`tools.reason.${reason}`)}
        </span>
      </td>
      <td class="number">
        {told(zone, people)}
        <small>{t("tools.buildings", { count: number(buildings) })}</small>
      </td>
      <td class="number">
        {alternative ? metres(alternative.metres) : t("tools.gaps.no_way")}
        {alternative && <small>{alternative.name ?? alternative.code}</small>}
      </td>
    </tr>
  );
}

function Legend({ isOpen }: { isOpen: boolean }) {
  const now = found.value;
  if (!now) return null;
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("tools.gaps.legend", { category: say(categoryNamed(now.of.category)?.label) })}</p>
      {isOpen && result.value && <p class="legend-rule">{ruleOf(now.of, result.value)}</p>}
      <ul class={isOpen ? "" : "is-short"}>
        {REASONS.map((reason) => {
          const { zones } = now.of.reasons[reason];
          return (
            zones > 0 && (
              <li key={reason}>
                <Swatch symbol={gapSymbol(reason)} kind="area" />
                <Swatch symbol={gapSymbol(reason)} kind="point" />
                {capital(t(`tools.reason.${reason}`))}
                <span class="count">{number(zones)}</span>
              </li>
            )
          );
        })}
      </ul>
      {isOpen && <p class="legend-rule">{t("tools.gaps.legend_number")}</p>}
      <DrawnNote total={now.zones.length} />
    </div>
  );
}

/** The first by rank, and the chosen one wherever it stands. */
function drawn(zones: readonly Zone[]): Zone[] {
  const now = chosen.value;
  const first = zones.slice(0, MOST_DRAWN);
  return now && !first.includes(now) ? [...first, now] : first;
}

function start(): () => void {
  return together(
    followRun(gaps),
    effect(() => {
      const zones = found.value?.zones ?? [];
      overlay.value = {
        shapes: drawn(zones)
          .reverse()
          .flatMap((zone) =>
            zone.geometry
              ? [
                  {
                    key: String(zone.number),
                    geometry: zone.geometry,
                    symbol: gapSymbol(zone.reason),
                    badge: zone.rank === null ? (isEmpty(zone) ? "0" : "?") : String(zone.rank),
                    title: t(`tools.reason.${zone.reason}`),
                    isChosen: zone === chosen.value,
                  },
                ]
              : [],
          ),
        onPick: (key, byKeyboard) => {
          const zone = found.peek()?.zones.find((one) => String(one.number) === key);
          if (!zone) return;
          choose(zone, false);
          state.open("tool");
          goToChosen(byKeyboard);
        },
      };
    }),
    bringIntoView(),
  );
}

/** A run that is shown for the first time fills the map, unless the address says where one looks. */
function bringIntoView(): () => void {
  let shown: string | null = null;
  return effect(() => {
    const run = result.value;
    if (!run || run.uid === shown) return;
    const isFirst = shown === null && asked("zone") !== null;
    shown = run.uid;
    const coordinates = run.zones.flatMap(({ geometry }) => (geometry ? [geometry] : []));
    if (!isFirst && coordinates.length > 0)
      untracked(() => show({ type: "GeometryCollection", geometries: coordinates }));
  });
}

export const part: ToolPart = { Panel, Legend, start };
