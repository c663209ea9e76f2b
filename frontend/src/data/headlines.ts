/** Which people a figure is of: those a category is there for come first (a kindergarten: ages 3 to 5). */
import type { CoverageRow } from "../shared/api";

/** Chosen in place of a band: the ages the category is there for, everybody where it is there for all. */
export const SERVED = "served";
const EVERYBODY: readonly string[] = ["all"];
const STATES = ["covered", "not_covered", "unknown"] as const;

export function bandsOf(chosen: string, served: readonly string[] | undefined): readonly string[] {
  if (chosen !== SERVED) return [chosen];
  return served?.length ? served : EVERYBODY;
}

/** One row for people of several bands, of the rows of one place and category; of everybody where bands are missing. */
export function ofBands(rows: readonly CoverageRow[], bands: readonly string[]): CoverageRow | undefined {
  const own = bands.map((band) => rows.find((row) => row.band === band));
  const [first] = own;
  if (own.length === 1 && first) return first;
  if (own.length > 1 && own.every((row) => row !== undefined)) return together(own as CoverageRow[]);
  return own.length > 1 ? rows.find((row) => row.band === "all") : undefined;
}

/** Sums of what is told of each band; what is withheld of one is withheld of all. */
function together(rows: CoverageRow[]): CoverageRow {
  const [first] = rows as [CoverageRow, ...CoverageRow[]];
  const withheld = rows.some((row) => row.withheld === true);
  const sum = (name: "total" | (typeof STATES)[number]): number | null => {
    const values = rows.map((row) => row[`people_${name}`]);
    return withheld || values.some((value) => value === null) ? null : values.reduce<number>((a, b) => a + (b ?? 0), 0);
  };
  const total = sum("total");
  const made: CoverageRow = { ...first, band: rows.map((row) => row.band).join("+"), people_total: total };
  for (const state of STATES) {
    const count = sum(state);
    made[`people_${state}`] = count;
    made[`people_${state}_share`] = total && count !== null ? count / total : null;
  }
  made.mean_m = withheld ? null : mean(rows, "mean_m");
  made.mean_s = withheld ? null : mean(rows, "mean_s");
  made.p90_m = null;
  made.p90_s = null;
  if (rows.some((row) => row.withheld !== undefined)) made.withheld = withheld;
  return made;
}

/** Mean walk of those who reach one, by how many they are. */
function mean(rows: CoverageRow[], name: "mean_m" | "mean_s"): number | null {
  let sum = 0;
  let people = 0;
  for (const row of rows) {
    const value = row[name];
    const weight = (row.people_total ?? 0) * (row.reached_share ?? 0);
    if (value === null) continue;
    sum += value * weight;
    people += weight;
  }
  return people > 0 ? sum / people : null;
}
