/** Rows of two coverage results, matched by area or grid. */
import { NO_AREA } from "../../data/coverage";
import type { CoverageRow } from "../../shared/api";

export interface Side {
  code: string;
  name: string | null;
  a: number | null;
  b: number | null;
  /** Null where one of them is not known. */
  difference: number | null;
}

/** The share of residents covered, of buildings where residents are not known at all; null where it is withheld. */
export function shareOf(row: CoverageRow | undefined): number | null {
  if (!row) return null;
  if (row.people_covered_share !== null || row.withheld) return row.people_covered_share;
  return row.people_total === null ? row.buildings_covered_share : null;
}

/** The largest change first; what is not known last. */
export function sideBySide(a: ReadonlyMap<string, CoverageRow>, b: ReadonlyMap<string, CoverageRow>): Side[] {
  const codes = [...new Set([...a.keys(), ...b.keys()])].filter((code) => code !== NO_AREA);
  const sides = codes.map((code): Side => {
    const [left, right] = [shareOf(a.get(code)), shareOf(b.get(code))];
    const name = a.get(code)?.name ?? b.get(code)?.name ?? null;
    return { code, name, a: left, b: right, difference: left === null || right === null ? null : right - left };
  });
  const size = ({ difference }: Side) => (difference === null ? -1 : Math.abs(difference));
  return sides.sort((one, other) => size(other) - size(one) || one.code.localeCompare(other.code));
}
