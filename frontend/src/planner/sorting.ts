/** Sorting of result rows; what is not known always comes last. */
import { sharesOf } from "../data/coverage";
import type { CoverageRow } from "../shared/api";
import { naturally } from "../shared/natural-order";

export type Column = "name" | "total" | "covered" | "not_covered" | "unknown" | "mean";

export interface Order {
  column: Column;
  isDown: boolean;
}

/** The order after a click on a column's head: turned round, or that column's natural direction. */
export const turned = (order: Order, column: Column): Order =>
  order.column === column
    ? { column, isDown: !order.isDown }
    : { column, isDown: column !== "name" && column !== "covered" };

export function sortRows(rows: readonly CoverageRow[], order: Order, basis: "people" | "buildings"): CoverageRow[] {
  const sign = order.isDown ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (order.column === "name") return sign * naturally(nameOf(a), nameOf(b));
    const left = figureOf(a, order.column, basis);
    const right = figureOf(b, order.column, basis);
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right) || (a.code ?? "").localeCompare(b.code ?? "");
  });
}

const nameOf = (row: CoverageRow): string => row.name ?? row.code ?? "";

function figureOf(row: CoverageRow, column: Column, basis: "people" | "buildings"): number | null {
  if (column === "mean") return row.mean_m;
  const shares = sharesOf(row, basis);
  return column === "name" ? null : shares[column];
}
