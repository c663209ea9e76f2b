/** Two people changed one thing: which field each of them changed, and what comes of a choice. */
import type { Properties } from "../../data/editing";

export type Side = "mine" | "theirs";

export interface Differing {
  field: string;
  before: unknown;
  mine: unknown;
  theirs: unknown;
  /** Who changed it: one of the two, or both to different values. */
  by: Side | "both";
}

export const equal = (a: unknown, b: unknown): boolean =>
  a === b || ((a ?? "") === "" && (b ?? "") === "") || JSON.stringify(a) === JSON.stringify(b);

/** The fields in which the two differ, in the order given; what both changed alike is no difference. */
export function differing(
  fields: readonly string[],
  base: Properties,
  mine: Properties,
  theirs: Properties,
): Differing[] {
  return fields.flatMap((field): Differing[] => {
    const before = field in base ? base[field] : theirs[field];
    const isMine = field in mine && !equal(mine[field], before);
    const isTheirs = !equal(theirs[field], before);
    if (!isMine && !isTheirs) return [];
    if (isMine && isTheirs && equal(mine[field], theirs[field])) return [];
    const by = isMine && isTheirs ? "both" : isMine ? "mine" : "theirs";
    return [{ field, before, mine: isMine ? mine[field] : before, theirs: theirs[field], by }];
  });
}

/** What is still to be written: what only I changed, and of what both changed what was chosen as mine. */
export function mergedValues(rows: readonly Differing[], chosen: Readonly<Record<string, Side>>): Properties {
  const values: Properties = {};
  for (const { field, mine, by } of rows)
    if (by === "mine" || (by === "both" && chosen[field] === "mine")) values[field] = mine;
  return values;
}

/** The fields both changed of which nobody chose yet. */
export const undecided = (rows: readonly Differing[], chosen: Readonly<Record<string, Side>>): string[] =>
  rows.flatMap(({ field, by }) => (by === "both" && !chosen[field] ? [field] : []));
