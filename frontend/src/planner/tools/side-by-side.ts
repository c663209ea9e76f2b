/** Rows of two coverage results, matched by area or grid. */
import { isWithheld, NO_AREA, shareTold } from "../../data/coverage";
import type { CoverageRow } from "../../shared/api";
import type { Change } from "./difference";

/** The share covered; else why there is none: about few people, mostly not known, no data at all. */
export type SideShare = number | "withheld" | "unknown" | "no_data";

export interface Side {
  code: string;
  name: string | null;
  a: SideShare;
  b: SideShare;
  /** Null where one of them is not told. */
  difference: number | null;
}

/** Shares are of residents, of buildings where residents are not known at all. */
export const basisOf = (row: CoverageRow): "people" | "buildings" =>
  row.people_total === null && !row.withheld ? "buildings" : "people";

export function shareOf(row: CoverageRow | undefined): SideShare {
  if (!row) return "no_data";
  const basis = basisOf(row);
  const share = shareTold(row, basis);
  if (share !== null) return share;
  return isWithheld(row, basis, share) ? "withheld" : "no_data";
}

/** The change from one to the other; where one of them is not told, why. */
export function changeBetween({ a, b }: Pick<Side, "a" | "b">): Change {
  if (typeof a === "number" && typeof b === "number") return b - a;
  return (["withheld", "unknown"] as const).find((why) => why === a || why === b) ?? "no_data";
}

/** The largest change first; what cannot be compared last. */
export function sideBySide(a: ReadonlyMap<string, CoverageRow>, b: ReadonlyMap<string, CoverageRow>): Side[] {
  const codes = [...new Set([...a.keys(), ...b.keys()])].filter((code) => code !== NO_AREA);
  const sides = codes.map((code): Side => {
    const [left, right] = [shareOf(a.get(code)), shareOf(b.get(code))];
    const name = a.get(code)?.name ?? b.get(code)?.name ?? null;
    const change = changeBetween({ a: left, b: right });
    return { code, name, a: left, b: right, difference: typeof change === "number" ? change : null };
  });
  const size = ({ difference }: Side) => (difference === null ? -1 : Math.abs(difference));
  return sides.sort((one, other) => size(other) - size(one) || one.code.localeCompare(other.code));
}
