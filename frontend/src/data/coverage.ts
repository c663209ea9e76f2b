/** A coverage run: started, watched until done, its result kept while the page lives. */
import { signal } from "@preact/signals";
import type { Share } from "../map/paint";
import type { CoverageResult, CoverageRow, LimitAsked } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import { asProblem } from "../shared/loadable";
import { isAbort, type Problem } from "../shared/request";
import { ofBands } from "./headlines";
import { mayOnceKnown } from "./me";
import { resultOf } from "./runs";

export type Coverage =
  | { status: "idle" }
  | {
      status: "running";
      progress: number | null;
      message: Bilingual | null;
      /** What was asked before: still looked at until the answer is here. */
      before: CoverageResult | null;
    }
  | { status: "failed"; problem: Problem }
  | { status: "done"; result: CoverageResult };

export interface Wanted {
  /** Null for all: then choosing another category needs no request. */
  categories: string[] | null;
  limit: LimitAsked;
  profile: string;
  by: string;
  /** Time of day (HH:MM) by which gates are open or shut; null for all hours. */
  at?: string | null;
}

export const coverage = signal<Coverage>({ status: "idle" });

const results = new Map<string, CoverageResult>();
let current: AbortController | null = null;

/** Looks for what others computed, for who may read but not compute. */
export type Kept = (abort: AbortSignal) => Promise<CoverageResult>;

export async function run(wanted: Wanted, readKept?: Kept): Promise<void> {
  current?.abort();
  const mine = new AbortController();
  current = mine;
  const kept = results.get(JSON.stringify(wanted));
  if (kept) {
    coverage.value = { status: "done", result: kept };
    return;
  }
  const before = lastOf(wanted.categories);
  coverage.value = { status: "running", progress: null, message: null, before };
  try {
    const result = await obtain(wanted, readKept, before, mine.signal);
    if (current === mine) coverage.value = { status: "done", result };
  } catch (error) {
    if (current !== mine || isAbort(error)) return;
    coverage.value = { status: "failed", problem: asProblem(error) };
  }
}

/** The answer that is looked at, if it says something of one of the categories. */
function lastOf(categories: readonly string[] | null): CoverageResult | null {
  const now = coverage.peek();
  const last = now.status === "done" ? now.result : now.status === "running" ? now.before : null;
  const isOfThem = categories === null || last?.totals.some(({ category }) => categories.includes(category));
  return isOfThem ? last : null;
}

export function stop(): void {
  current?.abort();
  current = null;
  coverage.value = { status: "idle" };
}

async function obtain(
  wanted: Wanted,
  kept: Kept | undefined,
  before: CoverageResult | null,
  abort: AbortSignal,
): Promise<CoverageResult> {
  const { categories, limit, profile, by, at } = wanted;
  if (kept && !(await mayOnceKnown("analyse"))) return kept(abort);
  const result = await resultOf<CoverageResult>(
    "coverage",
    { categories, ...limit, profile, by, ...(at && { at }) },
    (advance) => {
      coverage.value = { status: "running", before, ...advance };
    },
    abort,
  );
  results.set(JSON.stringify(wanted), result);
  return result;
}

/** Stands for the code of homes in no area or grid. */
export const NO_AREA = "none";

/** The row of one category for people of these age bands, by area or grid code. */
export function rowsByCode(
  result: CoverageResult,
  category: string,
  bands: readonly string[],
): Map<string, CoverageRow> {
  const byCode = new Map<string, CoverageRow[]>();
  for (const row of result.rows) {
    if (row.category !== category) continue;
    const code = row.code ?? NO_AREA;
    const known = byCode.get(code);
    if (known) known.push(row);
    else byCode.set(code, [row]);
  }
  const found = new Map<string, CoverageRow>();
  for (const [code, rows] of byCode) {
    const row = ofBands(rows, bands);
    if (row) found.set(code, row);
  }
  return found;
}

export const totalOf = (result: CoverageResult, category: string, bands: readonly string[]): CoverageRow | undefined =>
  ofBands(
    result.totals.filter((row) => row.category === category),
    bands,
  );

/** Three shares by people where people are known, else by buildings. */
export interface Shares {
  covered: number | null;
  not_covered: number | null;
  unknown: number | null;
  total: number | null;
  counts: { covered: number | null; not_covered: number | null; unknown: number | null };
}

export function sharesOf(row: CoverageRow, basis: "people" | "buildings"): Shares {
  return {
    covered: row[`${basis}_covered_share`],
    not_covered: row[`${basis}_not_covered_share`],
    unknown: row[`${basis}_unknown_share`],
    total: row[`${basis}_total`],
    counts: {
      covered: row[`${basis}_covered`],
      not_covered: row[`${basis}_not_covered`],
      unknown: row[`${basis}_unknown`],
    },
  };
}

/** The share covered as it is painted and told: where most are not known, none is (PRODUCT §3.4, `headlines.py`). */
export const shareTold = (row: CoverageRow, basis: "people" | "buildings"): Share =>
  (row[`${basis}_unknown_share`] ?? 0) > 0.5 ? "unknown" : row[`${basis}_covered_share`];

/** Whether a figure of a row is missing because it is about too few people, not because nobody knows it. */
export const isWithheld = (row: CoverageRow, basis: "people" | "buildings", figure: number | null): boolean =>
  figure === null && basis === "people" && row.withheld === true;
