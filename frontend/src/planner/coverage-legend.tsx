/** Legend of coverage: category, rule, and the classes with their numbers. */
import { categoryNamed } from "../data/catalogue";
import { isWithheld, shareTold, totalOf } from "../data/coverage";
import { number, percent, t } from "../i18n";
import { type Share, shareSymbol, unknownOf } from "../map/paint";
import { classOf } from "../map/style";
import type { CoverageResult } from "../shared/api";
import { capital, say, title } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { bandsSaid } from "./bands";
import { byLabel } from "./by-options";
import { basisInUse, paint, result, rows, sheet } from "./paint-state";
import { coverageRule } from "./rule-text";
import * as state from "./state";
import { Swatch } from "./swatch";

export function CoverageLegend({ isOpen }: { isOpen: boolean }) {
  const run = result.value;
  const category = categoryNamed(state.category.value);
  if (!run || !category || !sheet.value || !paint.value?.coverage) return null;
  const isByBuilding = paint.value?.coverage?.layer === "buildings";
  const basis = t(`map.basis.${basisInUse.value}`);
  const said = bandsSaid(state.category.value);
  return (
    <div class="legend-coverage">
      <p class="legend-title">{t("map.legend.coverage", { category: say(category.label) })}</p>
      {(isOpen || !isNarrow.value) && <p class="legend-rule">{coverageRule(run)}</p>}
      {!isOpen && (isByBuilding ? <ShortStates /> : <ShortClasses />)}
      {isOpen && (
        <>
          <p class="legend-rule">
            {isByBuilding ? t("map.legend.by_building") : t("map.legend.by_share", { by: byLabel(run.by), basis })}
          </p>
          {run.people_rounded_to !== undefined && !isByBuilding && basisInUse.value === "people" && (
            <p class="legend-rule">{capital(t("map.legend.rounded", { base: number(run.people_rounded_to) }))}</p>
          )}
          {said && !isByBuilding && <p class="legend-rule">{t("map.results.of_band", { band: said })}</p>}
          {isByBuilding ? <States run={run} /> : <Classes />}
        </>
      )}
    </div>
  );
}

/** The closed legend still says which colour is which. */
const ShortStates = () => (
  <p class="legend-short">
    {sheet.value?.coverage.states.map(({ code, label, symbol }) => (
      <span key={code}>
        <Swatch symbol={symbol} kind="area" /> {title(label)}
      </span>
    ))}
  </p>
);

function ShortClasses() {
  const styles = sheet.value?.coverage;
  if (!styles) return null;
  return (
    <p class="legend-short">
      0%
      {styles.shares.map((entry) => (
        <span key={entry.from_share} class="legend-step" style={{ backgroundColor: entry.fill }} />
      ))}
      100%
    </p>
  );
}

function States({ run }: { run: CoverageResult }) {
  const total = totalOf(run, state.category.value ?? "", ["all"]);
  return (
    <>
      <ul>
        {sheet.value?.coverage.states.map(({ code, label, symbol }) => (
          <li key={code}>
            <Swatch symbol={symbol} kind="area" />
            {title(label)}
            {total && <span class="count">{number(total[`buildings_${code}`])}</span>}
          </li>
        ))}
      </ul>
      {(state.position.value?.zoom ?? 99) < 14 && <p class="legend-rule">{t("map.legend.zoom_for_buildings")}</p>}
    </>
  );
}

function Classes() {
  const looks = sheet.value;
  const styles = looks?.coverage;
  if (!styles) return null;
  const basis = basisInUse.value;
  const listed = [...rows.value.values()];
  const shares = listed.map((row) => shareTold(row, basis));
  const countOf = (fits: (share: Share) => boolean) => shares.filter(fits).length;
  const withheld = listed.filter((row) => isWithheld(row, basis, row[`${basis}_covered_share`])).length;
  const unknown = unknownOf(looks);
  const plain = styles.no_data.symbol;
  return (
    <ul>
      {[...styles.shares].reverse().map((entry) => (
        <li key={entry.from_share}>
          <Swatch symbol={shareSymbol(entry)} kind="area" />
          {percent(entry.from_share)}–{percent(entry.to_share)}
          <span class="count">
            {number(countOf((share) => typeof share === "number" && classOf(styles.shares, share) === entry))}
          </span>
        </li>
      ))}
      {unknown && (
        <li>
          <Swatch symbol={unknown.symbol} kind="area" />
          {title(unknown.label)}
          <span class="count">{number(countOf((share) => share === "unknown"))}</span>
        </li>
      )}
      <li>
        <Swatch symbol={plain} kind="area" />
        {title(styles.no_data.label)}
        <span class="count">{number(countOf((share) => share === null) - withheld)}</span>
      </li>
      {withheld > 0 && (
        <li>
          <Swatch symbol={plain} kind="area" />
          {capital(t("map.withheld"))}
          <span class="count">{number(withheld)}</span>
        </li>
      )}
    </ul>
  );
}
