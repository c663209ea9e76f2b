/** Gap zones: who lacks a facility, why, and what is nearest. */
import type { Geometry } from "geojson";
import type { LimitSaid, RuleCited } from "../shared/api";
import { request } from "../shared/request";
import type { RunResult } from "./runs";

/** The closed list of reasons, ranked ones first. */
export const REASONS = [
  "no_facility",
  "near_by_air",
  "admits_others",
  "over_capacity",
  "not_surveyed",
  "unknown_data",
] as const;
export type Reason = (typeof REASONS)[number];

export interface Alternative {
  code: string;
  name: string | null;
  metres: number;
  seconds: number;
  nearest_m: number;
  farthest_m: number;
}

export interface Cure {
  kind: "gate" | "crossing";
  code: string | null;
  name?: string | null;
  lon: number;
  lat: number;
  people?: number | null;
  buildings: number;
  metres: number | null;
  gained_m: number | null;
}

/** People and buildings that share something; people null where not known or too few. */
export interface Helped {
  people?: number | null;
  buildings: number;
}

export interface Zone {
  /** Whether figures are missing since they are about few people. */
  withheld?: boolean;
  category: string;
  number: number;
  rank: number | null;
  reason: Reason;
  apparent_reason: Reason | null;
  people: number | null;
  people_by_band: Record<string, number | null> | null;
  buildings: number;
  buildings_without_people: number;
  area_code: string | null;
  area_name: string | null;
  grid_code: string | null;
  alternative: Alternative | null;
  by_air: { code: string; name: string | null; metres: number; buildings: number; detour_ratio: number | null } | null;
  others: { code: string; name: string | null } | null;
  cures: Cure[];
  /** What is not named among the cures, and whom no single one helps; absent in results kept before. */
  other_cures?: (Helped & { cures: number }) | null;
  uncured?: Helped | null;
  /** Null where too few people live there. */
  geometry: Geometry | null;
}

export interface GapCategory {
  category: string;
  limit: LimitSaid;
  bands: string[];
  rule: { kind: string; circle?: number | null; clauses: RuleCited[] };
  reasons: Record<Reason, { zones: number; buildings: number; people: number | null }>;
}

export interface GapsResult extends RunResult {
  categories: GapCategory[];
  zones: Zone[];
  people_basis: string;
}

export interface TasksWritten {
  created: number;
  kept: number;
  reopened: number;
  closed: number;
  outside: number;
}

export const writeTasks = (run: string): Promise<TasksWritten> =>
  request<TasksWritten>(`/api/analyses/gaps/${encodeURIComponent(run)}/tasks`, { method: "POST" });
