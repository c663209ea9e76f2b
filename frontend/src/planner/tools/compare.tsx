/** Two kept coverage results beside each other: a line on the map between them, and a table of what differs. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { categoryNamed, profileNamed, STANDARD } from "../../data/catalogue";
import { NO_AREA, rowsByCode, totalOf } from "../../data/coverage";
import { type KeptRun, keptRuns, type Run, type RunResult, runner } from "../../data/runs";
import { moment, number, percent } from "../../i18n";
import { unknownOf } from "../../map/paint";
import type { CoverageResult, CoverageRow } from "../../shared/api";
import { say, title } from "../../shared/lang";
import { bandsServed } from "../bands";
import { byLabel } from "../by-options";
import { Choice } from "../coverage-panel";
import { beside, figures } from "../overlay-state";
import { sheet } from "../paint-state";
import { ProblemNote } from "../problem-note";
import { ruleText } from "../rule-text";
import * as state from "../state";
import { Swatch } from "../swatch";
import { CategoryChoice } from "./choices";
import { paintOf, paintOfChanges, symbolOf } from "./compare-paint";
import { CompareTable, shareText } from "./compare-table";
import { DifferenceLegend } from "./difference-legend";
import { asked, together } from "./follow";
import type { ToolPart } from "./part";
import { changeBetween, shareOf, sideBySide } from "./side-by-side";
import { type Key, t } from "./texts";
import "./tools.css";

type Coverage = CoverageResult & RunResult;
const SIDES = ["a", "b"] as const;
const LABELS: Record<(typeof SIDES)[number], Key> = { a: "tools.compare.a", b: "tools.compare.b" };
const runs = { a: runner<Coverage>("coverage"), b: runner<Coverage>("coverage") };
const kept = signal<readonly KeptRun[]>([]);

const doneOf = (run: Run<Coverage>): Coverage | null => (run.status === "done" ? run.result : null);
const both = computed(() => {
  const a = doneOf(runs.a.state.value);
  const b = doneOf(runs.b.state.value);
  return a && b ? { a, b } : null;
});
const fits = computed(() => (both.value && both.value.a.by === both.value.b.by ? both.value : null));
/** Where the line stands, a share of the map's width. */
const fraction = signal(0.5);
const KEEP_MS = 300;
let keeping: ReturnType<typeof setTimeout> | undefined;

/** Moves the line at once and lets the address know when it rests. */
function moveLine(next: number): void {
  fraction.value = next;
  clearTimeout(keeping);
  keeping = setTimeout(() => state.ask({ swipe: String(Math.round(next * 100)) }), KEEP_MS);
}

/** Whether the map shows what differs, not the two beside each other. */
const isDifference = () => asked("show") === "difference";

const rowsOf = (run: Coverage): Map<string, CoverageRow> =>
  rowsByCode(run, asked("category") ?? "", bandsServed(asked("category")));

function Panel() {
  const category = asked("category");
  useEffect(() => {
    const abort = new AbortController();
    keptRuns("coverage", abort.signal).then(
      (found) => {
        kept.value = found;
      },
      () => {}, // without the list nothing can be chosen, which the panel says
    );
    return () => abort.abort();
  }, []);
  const listed = kept.value.filter(({ parameters }) => {
    const named = parameters.categories as string[] | null;
    return category !== null && (named === null || named.includes(category));
  });
  const now = both.value;
  return (
    <>
      <CategoryChoice clears={["a", "b"]} />
      {category && listed.length < 2 && <p class="note">{t("tools.compare.none")}</p>}
      {SIDES.map((side) => (
        <SideChoice key={side} side={side} listed={listed} />
      ))}
      {now && now.a.by !== now.b.by && (
        <p class="note" role="alert">
          {t("tools.compare.other_by", { a: byLabel(now.a.by), b: byLabel(now.b.by) })}
        </p>
      )}
      {fits.value && <Found a={fits.value.a} b={fits.value.b} />}
    </>
  );
}

function SideChoice({ side, listed }: { side: "a" | "b"; listed: readonly KeptRun[] }) {
  const run = runs[side].state.value;
  return (
    <>
      <Choice
        label={t(LABELS[side])}
        value={asked(side) ?? ""}
        options={[
          ...(asked(side) ? [] : [{ value: "", label: t("tools.run.choose") }]),
          ...listed.map((one) => ({ value: one.uid, label: runLabel(one) })),
        ]}
        onChange={(value) => state.ask({ [side]: value || null })}
      />
      {run.status === "failed" && <ProblemNote problem={run.problem} />}
    </>
  );
}

function runLabel({ created_at, parameters: { circle, minutes, profile, by, strict, at } }: KeptRun): string {
  let limit = t("tools.limit_own");
  const named = strict ? "tools.limit_strict_circle" : "tools.limit_default_circle";
  if (circle != null) limit = t(named, { minutes: number(Number(circle)) });
  else if (minutes != null) limit = t("tools.limit_minutes", { minutes: number(Number(minutes)) });
  const walker = say(profileNamed(String(profile))?.label);
  // first what tells two runs of one question apart: the end of a long line is cut off
  return [moment(created_at), limit, walker, at, byLabel(String(by))].filter(Boolean).join(" · ");
}

function Found({ a, b }: { a: Coverage; b: Coverage }) {
  const category = asked("category") ?? "";
  const sides = sideBySide(rowsOf(a), rowsOf(b));
  const total = (run: Coverage) => shareOf(totalOf(run, category, bandsServed(category)));
  return (
    <>
      <Choice
        label={t("tools.compare.show")}
        value={isDifference() ? "difference" : ""}
        options={[
          { value: "", label: t("tools.compare.show_both") },
          { value: "difference", label: t("tools.compare.show_difference") },
        ]}
        onChange={(value) => state.ask({ show: value || null })}
      />
      {!isDifference() && (
        <label class="choice">
          <span>{t("tools.compare.swipe")}</span>
          <input
            type="range"
            min={0}
            max={100}
            value={Math.round(fraction.value * 100)}
            onInput={(event) => moveLine(Number(event.currentTarget.value) / 100)}
          />
        </label>
      )}
      <div class="rule" role="status">
        {[a, b].map((run, place) => (
          <p key={run.uid}>
            {t("tools.compare.about", {
              name: t(LABELS[place === 0 ? "a" : "b"]),
              rule: ruleText(run.limit, run.parameters.profile ?? STANDARD, run.parameters.at),
              moment: moment(run.created_at),
            })}
          </p>
        ))}
        <p>
          <strong>{t("tools.compare.total", { a: shareText(total(a)), b: shareText(total(b)) })}</strong>
        </p>
      </div>
      <CompareTable sides={sides} by={a.by} />
    </>
  );
}

function Legend({ isOpen }: { isOpen: boolean }) {
  const styles = sheet.value;
  const category = asked("category");
  if (!fits.value || !styles || !category) return null;
  if (isDifference()) return <Differences a={fits.value.a} b={fits.value.b} category={category} isOpen={isOpen} />;
  const shares = [fits.value.a, fits.value.b].flatMap((run) =>
    [...rowsOf(run)].flatMap(([code, row]) => (code === NO_AREA ? [] : [shareOf(row)])),
  );
  const unknown = unknownOf(styles);
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("tools.compare.legend", { category: title(categoryNamed(category)?.label) })}</p>
      {isOpen && (
        <ul>
          {[...styles.coverage.shares].reverse().map((entry) => (
            <li key={entry.from_share}>
              <Swatch symbol={symbolOf(styles, entry.from_share)} kind="area" />
              {percent(entry.from_share)}–{percent(entry.to_share)}
            </li>
          ))}
          {unknown && shares.includes("unknown") && (
            <li>
              <Swatch symbol={unknown.symbol} kind="area" />
              {title(unknown.label)}
            </li>
          )}
          {(["withheld", "no_data"] as const).map(
            (why) =>
              shares.includes(why) && (
                <li key={why}>
                  <Swatch symbol={styles.coverage.no_data.symbol} kind="area" />
                  {why === "withheld" ? t("tools.withheld") : title(styles.coverage.no_data.label)}
                </li>
              ),
          )}
        </ul>
      )}
    </div>
  );
}

function Differences({ a, b, category, isOpen }: { a: Coverage; b: Coverage; category: string; isOpen: boolean }) {
  return (
    <div class="legend-coverage">
      <p class="legend-title">
        {t("tools.compare.legend_difference", { category: title(categoryNamed(category)?.label) })}
      </p>
      {isOpen && <p class="legend-rule">{t("tools.compare.legend_points")}</p>}
      <DifferenceLegend changes={sideBySide(rowsOf(a), rowsOf(b)).map(changeBetween)} isOpen={isOpen} />
    </div>
  );
}

const follow = (side: "a" | "b") =>
  effect(() => {
    const uid = asked(side);
    if (!uid) runs[side].clear();
    else if (doneOf(runs[side].state.peek())?.uid !== uid) void runs[side].read(uid);
  });

function start(): () => void {
  const wanted = Number(untracked(() => asked("swipe")) ?? 50);
  fraction.value = wanted >= 0 && wanted <= 100 ? wanted / 100 : 0.5;
  return together(
    () => clearTimeout(keeping),
    follow("a"),
    follow("b"),
    effect(() => {
      const now = fits.value;
      const styles = sheet.value;
      if (!now || !styles) {
        figures.value = null;
        beside.value = null;
        return;
      }
      const [a, b] = [rowsOf(now.a), rowsOf(now.b)];
      if (isDifference()) {
        figures.value = paintOfChanges({ styles, by: now.a.by, sides: sideBySide(a, b) });
        beside.value = null;
        return;
      }
      const text = (code: string) =>
        a.has(code) || b.has(code) ? ` ${shareText(shareOf(a.get(code)))} → ${shareText(shareOf(b.get(code)))}` : "";
      const common = { styles, by: now.a.by, textOf: text };
      figures.value = paintOf({ ...common, rows: a });
      beside.value = {
        figures: paintOf({ ...common, rows: b }),
        fraction: fraction.value,
        onSwipe: moveLine,
      };
    }),
  );
}

export const part: ToolPart = { Panel, Legend, start };
