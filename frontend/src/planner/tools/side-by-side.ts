/** Rows of two coverage results, matched by area or grid. */
import { NO_AREA, shareTold } from "../../data/coverage";
import type { CoverageRow } from "../../shared/api";

export interface Side {
  code: string;
  name: string | null;
  a: number | null;
  b: number | null;
  /** Null where one of them is not known. */
  difference: number | null;
}

/** Shares are of residents, of buildings where residents are not known at all. */
export const basisOf = (row: CoverageRow): "people" | "buildings" =>
  row.people_total === null && !row.withheld ? "buildings" : "people";

/** The share covered; null where it is withheld or where most are not known. */
export function shareOf(row: CoverageRow | undefined): number | null {
  const share = row ? shareTold(row, basisOf(row)) : null;
  return share === "unknown" ? null : share;
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
