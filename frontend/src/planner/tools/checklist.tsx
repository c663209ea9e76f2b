/** The sheet of a community: six goals, twenty items, each with its state, what is short, its rule and what counts. */
import { computed, effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { areaNames, loadAreaNames } from "../../data/area-names";
import { type ChecklistResult, type CommunityRow, type ItemRow, VERDICTS } from "../../data/checklist";
import { doneOf, runner } from "../../data/runs";
import { number } from "../../i18n";
import type { SymbolStyle } from "../../map/style";
import { boundsOf } from "../../shared/bounds";
import { say, title } from "../../shared/lang";
import { ready } from "../../shared/loadable";
import { Choice } from "../coverage-panel";
import { overlay } from "../overlay-state";
import { ProblemNote } from "../problem-note";
import * as state from "../state";
import { FigureRows, ItemLine, VERDICT_MARKS } from "./checklist-rows";
import { fitsTime, TimeChoice, timeAsked } from "./choices";
import { asked, followRun, show, together } from "./follow";
import type { ToolPart } from "./part";
import { fetched } from "./places";
import { About, RunBox } from "./run-box";
import { t } from "./texts";
import "./tools.css";

const checklist = runner<ChecklistResult>("checklist");
const result = computed(() => doneOf(checklist.state.value));
const community = computed<CommunityRow | null>(() => {
  const rows = result.value?.communities ?? [];
  return rows.find(({ code }) => code === asked("community")) ?? rows[0] ?? null;
});
const items = computed<ItemRow[]>(() => result.value?.rows.filter(({ code }) => code === community.value?.code) ?? []);
const chosen = computed(() => items.value.find(({ item }) => item === asked("item")) ?? null);
const counted = fetched(computed(() => chosen.value?.facilities ?? []));
const outline = fetched(
  computed(() => (asked("community") ? [{ layer: "areas", code: asked("community") as string }] : [])),
);

function Panel() {
  const answer = areaNames.state.value;
  const wanted = asked("community");
  const estate = asked("estate") ?? "existing";
  useEffect(() => void loadAreaNames("community"), []);
  const names = ready(answer) ?? [];
  return (
    <>
      {answer.status === "failed" && (
        <ProblemNote problem={answer.problem} retry={() => void loadAreaNames("community")} />
      )}
      {answer.status === "ready" && names.length === 0 && <p class="note">{t("tools.sheet.no_community")}</p>}
      <Choice
        label={t("tools.sheet.community")}
        value={wanted ?? ""}
        options={[
          ...(wanted ? [] : [{ value: "", label: t("tools.choose") }]),
          ...names.map(({ code, name }) => ({ value: code, label: name ?? code })),
        ]}
        onChange={(value) => state.ask({ community: value || null, run: null, item: null })}
      />
      <Choice
        label={t("tools.sheet.estate")}
        value={estate}
        options={(["existing", "new"] as const).map((value) => ({ value, label: t(`tools.sheet.estate_${value}`) }))}
        onChange={(value) => state.ask({ estate: value, run: null, item: null })}
      />
      <TimeChoice clears={["run", "item"]} />
      <RunBox
        kind="checklist"
        runner={checklist}
        question={wanted ? { community: wanted, estate, ...timeAsked() } : null}
        label={t("tools.sheet.run")}
        missing={names.length > 0 ? t("tools.sheet.choose_first") : ""}
        fits={(parameters) =>
          parameters.estate === estate &&
          fitsTime(parameters) &&
          (parameters.community === null || parameters.community === wanted)
        }
      />
      {result.value && community.value && <Sheet run={result.value} of={community.value} />}
    </>
  );
}

function Sheet({ run, of }: { run: ChecklistResult; of: CommunityRow }) {
  const mine = <T extends { code: string }>(rows: readonly T[]): T[] => rows.filter(({ code }) => code === of.code);
  return (
    <>
      <h3>{of.name ?? of.code}</h3>
      <ul class="verdicts" aria-label={t("tools.sheet.summary")}>
        {VERDICTS.map((verdict) => {
          const count = items.value.filter((item) => item.verdict === verdict).length;
          return (
            count > 0 && (
              <li key={verdict} class={`verdict-${verdict}`}>
                <strong>{number(count)}</strong> <span aria-hidden="true">{VERDICT_MARKS[verdict]}</span>{" "}
                {t(`tools.verdict.${verdict}`)}
              </li>
            )
          );
        })}
      </ul>
      <p class="hint">{t("tools.sheet.hint")}</p>
      {run.goals.map((goal) => (
        <section key={goal.number} aria-labelledby={`goal-${goal.number}`}>
          <h3 id={`goal-${goal.number}`}>
            {t("tools.sheet.goal", { number: number(goal.number), goal: say(goal.label) })}
          </h3>
          <ol class="items">
            {goal.items.map(({ code, label }) => {
              const row = items.value.find(({ item }) => item === code);
              return (
                row && (
                  <ItemLine
                    key={code}
                    row={row}
                    label={title(label)}
                    rules={run.rules}
                    isOpen={row === chosen.value}
                    onToggle={() => state.ask({ item: row === chosen.value ? null : row.item })}
                  />
                )
              );
            })}
          </ol>
        </section>
      ))}
      <FigureRows title={t("tools.sheet.ratios")} rows={[...mine(run.ratios), ...mine(run.green)]} rules={run.rules} />
      <FigureRows title={t("tools.sheet.levels")} rows={mine(run.levels)} rules={run.rules} isClosed={true} />
      <About result={run} />
    </>
  );
}

const COUNTED: SymbolStyle = {
  fill: "#d6006d",
  fill_opacity: 0.25,
  stroke: "#7a003e",
  width_px: 2,
  dash: [],
  shape: "star",
  radius_px: 9,
  glyph: null,
  pattern: "none",
};
const OUTLINE: SymbolStyle = { ...COUNTED, fill: null, stroke: "#7a003e", width_px: 2.5, dash: [8, 5] };

function Legend() {
  if (!community.value) return null;
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("tools.sheet.legend", { name: community.value.name ?? community.value.code })}</p>
      {chosen.value && chosen.value.facilities.length > 0 && (
        <p class="legend-rule">{t("tools.sheet.legend_counted", { count: number(chosen.value.facilities.length) })}</p>
      )}
    </div>
  );
}

function start(): () => void {
  return together(
    followRun(checklist),
    counted.follow(),
    outline.follow(),
    effect(() => {
      const border = outline.found.value.flatMap(({ geometry }) =>
        geometry ? [{ key: null, geometry, symbol: OUTLINE }] : [],
      );
      const marks = counted.found.value.flatMap(({ geometry, properties }) => {
        const bounds = geometry && boundsOf(geometry);
        if (!bounds) return [];
        const middle = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
        const title = String(properties.name ?? properties.code);
        return [
          {
            key: String(properties.code),
            geometry: { type: "Point" as const, coordinates: middle },
            symbol: COUNTED,
            title,
          },
        ];
      });
      overlay.value = {
        shapes: [...border, ...marks],
        onPick: (key) => {
          const thing = chosen.peek()?.facilities.find(({ code }) => code === key);
          if (thing) state.select({ kind: "feature", layer: thing.layer, code: thing.code });
        },
      };
    }),
    effect(() => {
      const shapes = counted.found.value.flatMap(({ geometry }) => (geometry ? [geometry] : []));
      if (shapes.length > 0) show({ type: "GeometryCollection", geometries: shapes });
    }),
    effect(() => show(outline.found.value[0]?.geometry)),
  );
}

export const part: ToolPart = { Panel, Legend, start };
