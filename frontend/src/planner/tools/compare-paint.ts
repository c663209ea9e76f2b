/** Shares of a coverage result as symbols, for one side of the line between two results. */
import { shareTold } from "../../data/coverage";
import { type FiguresPaint, shareSymbol, symbolOfShare } from "../../map/paint";
import { classOf, type StyleSheet, type SymbolStyle } from "../../map/style";
import type { CoverageRow } from "../../shared/api";
import { pointsText } from "./compare-table";
import { differenceSymbol } from "./difference";
import { basisOf, changeBetween, type Side } from "./side-by-side";

/** The symbol of a share, that of its class. */
export function symbolOf(styles: StyleSheet, share: number): SymbolStyle {
  const entry = classOf(styles.coverage.shares, share);
  return entry ? shareSymbol(entry) : styles.coverage.no_data.symbol;
}

interface Shown {
  styles: StyleSheet;
  by: string;
  rows: ReadonlyMap<string, CoverageRow>;
  textOf: (code: string) => string;
}

/** What differs between two results as the map draws it. */
export function paintOfChanges({ styles, by, sides }: { styles: StyleSheet; by: string; sides: readonly Side[] }) {
  const changes = new Map(sides.map((side) => [side.code, changeBetween(side)]));
  return {
    layer: by.includes("grid") ? "grids" : "areas",
    symbolOf: (code) => {
      const change = changes.get(code);
      return change === undefined ? undefined : differenceSymbol(styles, change);
    },
    textOf: (code) => {
      const change = changes.get(code);
      return typeof change === "number" ? ` ${pointsText(change)}` : "";
    },
  } satisfies FiguresPaint;
}

/** Shares of one result as the map draws them. */
export function paintOf({ styles, by, rows, textOf }: Shown): FiguresPaint {
  return {
    layer: by.includes("grid") ? "grids" : "areas",
    symbolOf: (code) => {
      const row = rows.get(code);
      if (!row) return undefined;
      return symbolOfShare(styles, shareTold(row, basisOf(row)));
    },
    textOf,
  };
}
