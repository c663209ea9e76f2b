/** Changes of shares covered: of a place before and after edits, of which class, and how many of each. */
import type { Effect, EffectRow } from "../../data/scenarios";
import { unknownOf } from "../../map/paint";
import type { DifferenceClass, StyleSheet, SymbolStyle } from "../../map/style";

/** The change of a share, −1 to 1; else why there is none. */
export type Change = number | "unknown" | "withheld" | "no_data";
export type Basis = "people" | "buildings";

/** Differences of decimal fractions miss the limits by less than this. */
const EXACT = 1e-9;

/** The class of a change; one at a limit is of the class further from zero. */
export function differenceClassOf(classes: readonly DifferenceClass[], change: number): DifferenceClass | undefined {
  if (change < 0) return classes.find(({ to_share }) => change <= to_share + EXACT);
  return [...classes].reverse().find(({ from_share }) => change >= from_share - EXACT);
}

export function differenceSymbol(sheet: StyleSheet, change: Change): SymbolStyle {
  const { differences, no_data } = sheet.coverage;
  if (change === "unknown") return unknownOf(sheet)?.symbol ?? no_data.symbol;
  const found = typeof change === "number" ? differenceClassOf(differences, change) : undefined;
  return found?.symbol ?? no_data.symbol;
}

/** Buildings where nobody's people are known, or not their ages and the category is there for certain ones. */
export function basisOf({ people_basis, headlines }: Pick<Effect, "people_basis" | "headlines">): Basis {
  const total = headlines.find(({ level }) => level === "total");
  const isKnown = people_basis !== "no_data" && (total?.people_total_after != null || total?.withheld === true);
  return isKnown ? "people" : "buildings";
}

/** The change of the share covered of a place; undefined where nothing changes. */
export function changeOf(row: EffectRow, basis: Basis): Change | undefined {
  if (row[`${basis}_covered_difference`] === 0 && row[`${basis}_total_difference`] === 0) return undefined;
  const sides = (["before", "after"] as const).map((side) => ({
    covered: row[`${basis}_covered_${side}`],
    unknown: row[`${basis}_unknown_${side}`],
    total: row[`${basis}_total_${side}`],
  }));
  if (sides.some(({ unknown, total }) => unknown !== null && total !== null && unknown * 2 > total)) return "unknown";
  const [before, after] = sides.map(({ covered, total }) => (covered === null || !total ? null : covered / total));
  if (before != null && after != null) return after - before;
  return basis === "people" && row.withheld ? "withheld" : "no_data";
}
