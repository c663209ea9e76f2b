/** The sheet of the complete residential community: six goals, twenty items, how much is missing. */
import type { RuleCited } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import type { RunResult } from "./runs";

export const VERDICTS = ["short", "not_surveyed", "unknown", "pass", "not_applicable"] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Check {
  measure: string;
  verdict: Verdict;
  /** How much the rule binds: `requirement`, `not_stated`, `advice`, `figure`. */
  binding: string;
  have: number | null;
  need: number | null;
  short_by: number | null;
  unit: string | null;
  rules: string[];
  to_verify: boolean;
}

export interface Counted {
  layer: string;
  code: string;
  name: string | null;
  is_inside: boolean;
}

export interface ItemRow {
  code: string;
  goal: number;
  item: string;
  verdict: Verdict;
  to_verify: boolean;
  sentence: Bilingual;
  checks: Check[];
  facilities: Counted[];
}

/** Floor area per 100 households, green space per person, a category on one level: one check each. */
export interface FigureRow extends Check {
  code: string;
  sentence: Bilingual;
  level?: string | null;
}

export interface CommunityRow {
  code: string;
  name: string | null;
  households: number | null;
  people: number | null;
  pass: number;
  short: number;
  unknown: number;
  not_surveyed: number;
}

export interface ChecklistResult extends RunResult {
  community: string | null;
  estate: string;
  communities: CommunityRow[];
  goals: { number: number; label: Bilingual; items: { code: string; label: Bilingual }[] }[];
  rows: ItemRow[];
  ratios: FigureRow[];
  green: FigureRow[];
  levels: FigureRow[];
  rules: Record<string, RuleCited>;
}
