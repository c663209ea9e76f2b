/** What was found: the three shares and the table of areas or grids, the same rows the map shows. */
import { categoryNamed } from "../data/catalogue";
import { coverage, isWithheld, sharesOf, totalOf } from "../data/coverage";
import { moment, number, percent, t } from "../i18n";
import type { CoverageResult, CoverageRow } from "../shared/api";
import { title } from "../shared/lang";
import { bandsSaid, bandsShown } from "./bands";
import { Progress } from "./coverage-panel";
import { Figure } from "./figure";
import { basisInUse, isStale, result, sheet } from "./paint-state";
import { noteText, ReadingChoice } from "./reading-choice";
import { ResultsTable } from "./results-table";
import { coverageRule } from "./rule-text";
import { ShareBar } from "./share-bar";
import * as state from "./state";
import { Swatch } from "./swatch";
import { Walkers } from "./walkers";

export function ResultsPanel() {
  const category = categoryNamed(state.category.value);
  const run = result.value;
  const total = run && category ? totalOf(run, category.code, bandsShown(category.code)) : undefined;
  return (
    <div class="stack">
      <h2>{category ? t("map.results.title", { category: title(category.label) }) : t("map.results.none_title")}</h2>
      {!category && <p class="hint">{t("map.results.none")}</p>}
      {coverage.value.status !== "done" && <Progress />}
      {run && category && total && (
        <div class={isStale.value ? "stack is-stale" : "stack"} aria-busy={isStale.value}>
          <Found run={run} total={total} />
        </div>
      )}
      {run && category && !total && <p class="note">{t("map.results.no_rows")}</p>}
    </div>
  );
}

function Found({ run, total }: { run: CoverageResult; total: CoverageRow }) {
  const said = bandsSaid(state.category.value);
  return (
    <>
      <p class="rule" role="status">
        {coverageRule(run)}
      </p>
      <BasisChoice run={run} />
      {said && <p class="hint">{t("map.results.of_band", { band: said })}</p>}
      <ReadingChoice run={run} isByBuilding={state.by.value === "building"} />
      {run.walkers && <Walkers walkers={run.walkers} />}
      <ThreeShares total={total} basis="people" />
      <ThreeShares total={total} basis="buildings" />
      <Notes run={run} isFirst={true} />
      <ResultsTable run={run} />
      <Notes run={run} isFirst={false} />
      <p class="hint">{t("map.results.made", { moment: moment(run.created_at), version: run.code_version })}</p>
    </>
  );
}

/** Notes that change how the figures read stand before the table, the others below it. */
const FIRST: readonly string[] = [
  "note.by_nearest_level",
  "note.people_estimate",
  "note.people_partly",
  "note.people_rounded",
];

/** Of interest only where several categories are compared; here stands one, its limit said above. */
const OF_SEVERAL = "note.limit_shared";

function Notes({ run, isFirst }: { run: CoverageResult; isFirst: boolean }) {
  const isByBuilding = state.by.value === "building";
  const notes = run.notes.filter(
    ({ key }) =>
      key !== OF_SEVERAL && FIRST.includes(key) === isFirst && !(isByBuilding && key === "note.by_nearest_level"),
  );
  if (notes.length === 0) return null;
  return (
    <ul class={isFirst ? "notes-first" : "notes"}>
      {notes.map((note) => (
        <li key={note.key}>{noteText(note, run)}</li>
      ))}
    </ul>
  );
}

function BasisChoice({ run }: { run: CoverageResult }) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">{t("map.results.basis")}</legend>
      {(["people", "buildings"] as const).map((basis) => (
        <label key={basis} class={basis === basisInUse.value ? "is-on" : ""}>
          <input
            type="radio"
            name="basis"
            disabled={basis === "people" && run.people_basis === "no_data"}
            checked={basis === basisInUse.value}
            onChange={() => {
              state.basis.value = basis;
            }}
          />
          {t(`map.results.by_${basis}`)}
        </label>
      ))}
    </fieldset>
  );
}

function ThreeShares({ total, basis }: { total: CoverageRow; basis: state.Basis }) {
  const shares = sharesOf(total, basis);
  const run = result.value;
  const isUnknown = shares.total === null;
  const heading = isUnknown
    ? t(`map.results.${basis}_unknown`)
    : t(`map.results.${basis}_total`, { total: number(shares.total ?? 0) });
  return (
    <section class="shares" aria-label={heading}>
      <h3>
        {heading}
        {basis === "people" && run && !isUnknown && (
          <small>
            {" "}
            {t(
              `map.people_basis.${run.people_basis === "estimate" ? "estimate" : run.people_basis === "register" ? "register" : "households"}`,
            )}
          </small>
        )}
      </h3>
      {isUnknown ? (
        <p class="hint">{t(isWithheld(total, basis, shares.total) ? "map.withheld" : "map.no_data")}</p>
      ) : (
        <>
          <ShareBar shares={shares} />
          <dl class="three">
            {sheet.value?.coverage.states.map(({ code, label, symbol }) => (
              <div key={code}>
                <dt>
                  <Swatch symbol={symbol} kind="area" />
                  {title(label)}
                </dt>
                <dd>
                  <strong>
                    <Figure row={total} basis={basis} figure={shares[code]} written={percent} />
                  </strong>{" "}
                  {shares.counts[code] !== null && <span>{number(shares.counts[code])}</span>}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </section>
  );
}
