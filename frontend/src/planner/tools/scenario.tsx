/** What-if: edits made on the map, who is within reach before and after by area at once, kept, shared, compared. */
import { effect } from "@preact/signals";
import { categoryNamed, STANDARD } from "../../data/catalogue";
import { title } from "../../shared/lang";
import { byLabel, byOptions } from "../by-options";
import { Choice } from "../coverage-panel";
import { figures, overlay } from "../overlay-state";
import { sheet } from "../paint-state";
import { ProblemNote } from "../problem-note";
import { ruleText } from "../rule-text";
import * as state from "../state";
import { Swatch } from "../swatch";
import { CategoryChoice, LimitChoice, WalkChoices } from "./choices";
import { basisOf } from "./difference";
import { DifferenceLegend } from "./difference-legend";
import { changesOf, differencePaint } from "./difference-paint";
import { asked, goToChosen, together } from "./follow";
import type { ToolPart } from "./part";
import { isKnown, may } from "./run-box";
import { followAnswer, followOther, followShown } from "./scenario-answers";
import { EditTools } from "./scenario-edits";
import { Keeping } from "./scenario-keep";
import { followAddress, followKept, isMissing, keepDraft } from "./scenario-kept";
import { editShapes, editThings, MARKS } from "./scenario-marks";
import { Outcome } from "./scenario-outcome";
import * as now from "./scenario-state";
import { t } from "./texts";
import "./tools.css";

function Panel() {
  const question = now.question.value;
  const by = question?.by ?? asked("by") ?? "grid";
  const problem = now.loadProblem.value;
  if (isKnown() && !may("analyse")) return <p class="note">{t("tools.scenario.may_not")}</p>;
  return (
    <>
      {problem && <ProblemNote problem={problem} />}
      {isMissing.value && (
        <p class="note" role="alert">
          {t("tools.scenario.not_brought")}
        </p>
      )}
      <CategoryChoice clears={["circle", "minutes", "strict"]} />
      {question && (
        <>
          <LimitChoice clears={[]} />
          <Choice
            label={t("tools.capacity.by")}
            value={by}
            options={byOptions(by).filter(({ value }) => value !== "building")}
            onChange={(value) => state.ask({ by: value })}
          />
          <WalkChoices clears={[]} />
          <EditTools />
          <Outcome />
          <Keeping />
        </>
      )}
      {!question && <p class="hint">{t("tools.scenario.choose_first")}</p>}
    </>
  );
}

function Legend({ isOpen }: { isOpen: boolean }) {
  const effectNow = now.seen.value;
  const of = now.question.value;
  if (!of) return null;
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("tools.scenario.legend", { category: title(categoryNamed(of.category)?.label) })}</p>
      {effectNow && (
        <>
          {isOpen && <p class="legend-rule">{ruleText(effectNow.limit, of.profile ?? STANDARD, of.at)}</p>}
          {isOpen && (
            <>
              <p class="legend-rule">{t("tools.scenario.legend_by", { by: byLabel(effectNow.by) })}</p>
              <p class="legend-rule">{t(`tools.scenario.legend_${basisOf(effectNow)}`)}</p>
            </>
          )}
          <DifferenceLegend changes={changesOf(effectNow)} isOpen={isOpen} />
        </>
      )}
      {isOpen && (
        <ul>
          {MARKS.map(({ symbol, key, kind }) => (
            <li key={key}>
              <Swatch symbol={symbol} kind={kind} />
              {t(key)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Ctrl+Z and Ctrl+Y outside of fields; Escape ends what the map waits for. */
function onKey(event: KeyboardEvent): void {
  const isField = (event.target as HTMLElement | null)?.closest("input, textarea, select") != null;
  if (event.key === "Escape" && now.mode.peek()) now.begin(null);
  if (isField || !(event.ctrlKey || event.metaKey)) return;
  const key = event.key.toLowerCase();
  if (key === "y" || (key === "z" && event.shiftKey)) now.edits.redo();
  else if (key === "z") now.edits.undo();
  else return;
  event.preventDefault();
}

function paintDifferences(): void {
  figures.value = now.seen.value && sheet.value && differencePaint(sheet.value, now.seen.value);
}

function start(): () => void {
  document.addEventListener("keydown", onKey);
  return together(
    followKept(),
    followAddress(),
    keepDraft(),
    followAnswer(),
    followShown(),
    followOther(),
    editThings.follow(),
    effect(paintDifferences),
    effect(() => {
      overlay.value = {
        shapes: editShapes(),
        onPick: (key, byKeyboard) => {
          state.ask({ edit: key });
          state.open("tool");
          goToChosen(byKeyboard);
        },
      };
    }),
    () => {
      document.removeEventListener("keydown", onKey);
      now.begin(null);
    },
  );
}

export const part: ToolPart = { Panel, Legend, start };
