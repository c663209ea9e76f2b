/** Capacity: what is within reach per 1,000 people by grid or area, in classes with what is needed in the middle. */
import { computed, effect } from "@preact/signals";
import { type CapacityResult, figureOf, stepOf, stepsOf, WITH_CAPACITY } from "../../data/capacity";
import { categoryNamed } from "../../data/catalogue";
import { asRead } from "../../data/readings";
import { doneOf, runner } from "../../data/runs";
import { number } from "../../i18n";
import { say } from "../../shared/lang";
import { bandLabel } from "../bands";
import { byLabel, byOptions } from "../by-options";
import { Choice } from "../coverage-panel";
import { figures, overlay } from "../overlay-state";
import { sheet } from "../paint-state";
import { ReadingChoice } from "../reading-choice";
import { ToVerify } from "../rule-list";
import { ruleText } from "../rule-text";
import * as state from "../state";
import { Swatch } from "../swatch";
import { AreaTable, besideText, Facilities, figureText, NOTHING, symbol, symbolAt } from "./capacity-tables";
import { CategoryChoice, fitsTime, TimeChoice, timeAsked } from "./choices";
import { asked, followRun, show, together } from "./follow";
import type { ToolPart } from "./part";
import { fetched } from "./places";
import { About, RunBox } from "./run-box";
import { t } from "./texts";
import "./tools.css";

const capacity = runner<CapacityResult>("capacity");
const result = computed(() => {
  const run = doneOf(capacity.state.value);
  return run && asRead(run, state.ifClosed.value, ["level", "code"]);
});
const steps = computed(() => (result.value ? stepsOf(result.value) : []));
const layer = computed(() => ((result.value?.by ?? "").includes("grid") ? "grids" : "areas"));
const chosen = fetched(
  computed(() => {
    const code = asked("place");
    return code ? [{ layer: layer.value, code }] : [];
  }),
);

function Panel() {
  const category = asked("category");
  const isOffered = category !== null && WITH_CAPACITY.includes(category);
  const by = asked("by") ?? "grid";
  const isParking = category === "parking";
  return (
    <>
      <CategoryChoice clears={["run", "place"]} only={WITH_CAPACITY} />
      {!isParking && (
        <Choice
          label={t("tools.capacity.by")}
          value={by}
          options={byOptions(by).filter(({ value }) => value !== "building")}
          onChange={(value) => state.ask({ by: value, run: null, place: null })}
        />
      )}
      {!isParking && <TimeChoice clears={["run", "place"]} />}
      <RunBox
        kind="capacity"
        runner={capacity}
        question={isOffered ? { category, ...(!isParking && { by, ...timeAsked() }) } : null}
        label={t("tools.capacity.run")}
        fits={(parameters) =>
          parameters.category === category && (isParking || (fitsTime(parameters) && parameters.by === by))
        }
      />
      {result.value && <Found run={result.value} />}
    </>
  );
}

function Found({ run }: { run: CapacityResult }) {
  const isRatio = run.measure === "ratio";
  const total = run.totals[0];
  return (
    <>
      <div class="rule" role="status">
        {run.limit && ruleText(run.limit, "standard", run.parameters.at)}
        {run.bands && run.bands.length > 0 && (
          <p>{t("tools.capacity.bands", { bands: run.bands.map(bandLabel).join(" · ") })}</p>
        )}
        {run.needed_per_1000 != null && (
          <p>
            {t("tools.capacity.needed", { needed: number(run.needed_per_1000) })}
            {run.needed_to_verify && <ToVerify />}
          </p>
        )}
        {isRatio && <p>{t("tools.capacity.ratio")}</p>}
        {total && (
          <p>
            <strong>{t("tools.capacity.total", { figure: figureText(figureOf(total)) })}</strong>
          </p>
        )}
      </div>
      <ReadingChoice run={run} />
      <AreaTable run={run} steps={steps.value} />
      {run.facilities && run.facilities.length > 0 && <Facilities run={run} />}
      <About result={run} />
    </>
  );
}

function Legend({ isOpen }: { isOpen: boolean }) {
  const run = result.value;
  if (!run) return null;
  const listed = run.rows.map(figureOf);
  const count = (step: number) =>
    listed.filter((figure) => figure !== null && stepOf(steps.value, figure) === step).length;
  const missing = listed.filter((figure) => figure === null).length;
  const noData = sheet.value?.coverage.no_data;
  return (
    <div class="legend-coverage">
      <p class="legend-title">
        {t("tools.capacity.legend", { category: say(categoryNamed(run.category)?.label), by: byLabel(run.by) })}
      </p>
      <p class="legend-rule">
        {t(run.measure === "ratio" ? "tools.capacity.per_household" : "tools.capacity.per_1000")}
      </p>
      {isOpen && (
        <ul>
          <li>
            <Swatch symbol={NOTHING} kind="area" />0<span class="count">{number(count(-1))}</span>
          </li>
          {steps.value.map(({ from, to }, place) => (
            <li key={from}>
              <Swatch symbol={symbolAt(place)} kind="area" />
              {to === null ? `≥ ${number(from, 1)}` : `${from === 0 ? "> 0" : number(from, 1)} – < ${number(to, 1)}`}
              <span class="count">{number(count(place))}</span>
            </li>
          ))}
          {noData && missing > 0 && (
            <li>
              <Swatch symbol={noData.symbol} kind="area" />
              {t("tools.unknown")}
              <span class="count">{number(missing)}</span>
            </li>
          )}
        </ul>
      )}
    </div>
  );
}

function start(): () => void {
  return together(
    followRun(capacity),
    chosen.follow(),
    effect(() => {
      const run = result.value;
      const classes = steps.value;
      const noData = sheet.value?.coverage.no_data.symbol;
      if (!run) {
        figures.value = null;
        return;
      }
      const byCode = new Map(run.rows.map((row) => [row.code, figureOf(row)]));
      const besideOf = new Map(run.rows.map((row) => [row.code, besideText(row)]));
      figures.value = {
        layer: layer.value,
        symbolOf: (code) => {
          const figure = byCode.get(code);
          if (figure === undefined) return undefined;
          return figure === null ? noData : symbolAt(stepOf(classes, figure));
        },
        textOf: (code) => {
          const figure = byCode.get(code);
          return figure == null ? "" : ` ${figureText(figure)} ${besideOf.get(code) ?? ""}`;
        },
      };
    }),
    effect(() => {
      const [place] = chosen.found.value;
      const geometry = place?.geometry;
      overlay.value = geometry
        ? {
            shapes: [{ key: null, geometry, symbol: { ...symbol("#ffffff"), fill: null }, isChosen: true }],
            onPick: () => {},
          }
        : null;
      show(geometry);
    }),
  );
}

export const part: ToolPart = { Panel, Legend, start };
