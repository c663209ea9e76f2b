/** Scenarios: supposed edits over what is stored, answered at once, kept under a name. */
import type { LimitSaid, LonLat } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";
import type { Parameters } from "./runs";

export type EditKind =
  | "facility_add"
  | "facility_move"
  | "facility_close"
  | "facility_resize"
  | "facility_share"
  | "homes_add"
  | "gate_open"
  | "path_add"
  | "path_cut";

/** One supposition; kinds this page does not make are kept as they are. */
export interface Edit {
  edit: string;
  category?: string;
  name?: string;
  facility?: string;
  gate?: string;
  position?: LonLat;
  line?: LonLat[];
  step_free?: boolean;
  capacity?: number;
  /** Of new homes: everybody, and by age band where it is known. */
  residents?: number;
  people?: Record<string, number>;
}

export interface Scenario {
  uid: string;
  name: string;
  edits: Edit[];
  question: Parameters & { categories?: string[] | null; by?: string | null };
  version: number;
  updated_at: string;
  updated_by: string;
}

/** Figures before, after and their difference; null where they are withheld. */
export interface EffectRow {
  level: string;
  code: string | null;
  name: string | null;
  category: string;
  people_total_before: number | null;
  people_total_after: number | null;
  people_total_difference: number | null;
  people_unknown_before: number | null;
  people_unknown_after: number | null;
  people_covered_before: number | null;
  people_covered_after: number | null;
  people_covered_difference: number | null;
  /** Not covered before; of the others who are covered now it was not known. */
  people_newly_covered: number | null;
  people_covered_from_unknown: number | null;
  buildings_total_before: number | null;
  buildings_total_after: number | null;
  buildings_total_difference: number | null;
  buildings_unknown_before: number | null;
  buildings_unknown_after: number | null;
  buildings_covered_before: number | null;
  buildings_covered_after: number | null;
  buildings_covered_difference: number | null;
  withheld?: boolean;
}

export interface BandRow extends EffectRow {
  band: string;
}

/** The people a category is there for (a kindergarten: ages 3 to 5), of all homes together or of one place. */
export interface Headline extends EffectRow {
  bands: string[];
}

export interface Effect {
  by: string;
  limit: LimitSaid;
  people_basis: string;
  totals: BandRow[];
  rows: BandRow[];
  headlines: Headline[];
  notes: ({ key: string } & Bilingual)[];
}

export interface Asked {
  category: string;
  circle?: number;
  minutes?: number;
  strict?: boolean;
  profile?: string;
  /** Time of day (HH:MM). */
  at?: string;
  by: string;
}

/** Who is within reach before and after edits that are not kept. */
export const evaluate = (edits: readonly Edit[], asked: Asked, signal: AbortSignal): Promise<Effect> =>
  request<Effect>("/api/scenarios/evaluate", { method: "POST", body: { ...asked, edits }, signal });

/** The same of kept ones, asked as is asked now, not as they were kept. */
export async function evaluateKept(uid: string, asked: Asked, signal: AbortSignal): Promise<Effect> {
  const { edits } = await readScenario(uid, signal);
  return evaluate(edits, asked, signal);
}

export const scenarios = resource<Scenario[]>();

export const loadScenarios = (): Promise<void> =>
  scenarios.load(
    async (signal) =>
      (await request<{ scenarios: Scenario[] }>("/api/scenarios", { query: { limit: 1000 }, signal })).scenarios,
  );

export const readScenario = (uid: string, signal?: AbortSignal): Promise<Scenario> =>
  request<Scenario>(`/api/scenarios/${encodeURIComponent(uid)}`, { signal: signal ?? null });

interface Kept {
  name: string;
  edits: readonly Edit[];
  question: Omit<Asked, "category"> & { categories: string[] };
}

export const createScenario = (kept: Kept, key: string): Promise<Scenario> =>
  request<Scenario>("/api/scenarios", { method: "POST", body: kept, headers: { "Idempotency-Key": key } });

/** Changes a scenario unless somebody else has changed it meanwhile (412). */
export const changeScenario = (uid: string, version: number, kept: Kept): Promise<Scenario> =>
  request<Scenario>(`/api/scenarios/${encodeURIComponent(uid)}`, {
    method: "PATCH",
    body: kept,
    headers: { "If-Match": `"${version}"` },
  });

/** Makes a project of a kept scenario and gives its code. */
export const projectOf = async (uid: string, key: string): Promise<string> =>
  (
    await request<{ code: string }>(`/api/scenarios/${encodeURIComponent(uid)}/project`, {
      method: "POST",
      body: {},
      headers: { "Idempotency-Key": key },
    })
  ).code;
