/** Best sites: candidates, those chosen, whom they bring within reach and what that costs. */
import type { LimitSaid, LonLat, RuleCited } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import type { RunResult } from "./runs";
import type { Edit } from "./scenarios";

interface Place {
  code: string;
  kind: string;
  name: string | null;
  lon: number;
  lat: number;
  area_m2: number | null;
  people: number | null;
  homes: number | null;
  cost_yuan: number | null;
  cost_is_usual: boolean;
  needs_consent: boolean;
  /** Of a crossing where it leads, from one end to the other. */
  line?: LonLat[] | null;
}

export interface Site extends Place {
  order: number;
  withheld?: boolean;
  yuan_per_person: number | null;
}

export interface Candidate extends Place {
  status: "not_chosen" | "not_eligible";
  /** Why it is not eligible, in words. */
  why: Bilingual | null;
}

interface Reached {
  people_covered: number | null;
  people_covered_share: number | null;
  people_not_covered: number | null;
  homes_covered: number;
  homes_covered_share: number | null;
  homes_not_covered: number | null;
}

/**
 * About how many stay not covered if every eligible candidate were built: what each brings alone, summed, is more than
 * what sites bring together; what several changes do only together is not counted. Null where a figure is not told.
 */
export function beyondAll(run: Pick<SitingResult, "before" | "counted_by" | "total" | "candidates">): number | null {
  const unit = run.counted_by;
  const brought = [run.total[unit], ...run.candidates.filter(({ why }) => why === null).map((one) => one[unit])];
  const before = run.before[`${unit}_not_covered`];
  if (before == null || brought.some((count) => count == null)) return null;
  return Math.max(before - brought.reduce<number>((sum, count) => sum + (count ?? 0), 0), 0);
}

export interface SitingResult extends RunResult {
  category: string;
  limit: LimitSaid;
  /** Not there in results kept before it was told. */
  rule?: { clauses: RuleCited[] };
  counted_by: "people" | "homes";
  sites: Site[];
  candidates: Candidate[];
  total: {
    sites: number;
    people: number | null;
    /** Covered then, too, but not known to be or not before; no part of `people`. */
    people_covered_from_unknown: number | null;
    homes: number;
    homes_covered_from_unknown: number;
    cost_yuan: number | null;
    yuan_per_person: number | null;
    /** Only where people are rounded: whether figures are missing since they are about few people. */
    withheld?: boolean;
  };
  before: Reached;
  after: Reached;
  proof: { is_proven: boolean; bound: number | null; value: number | null; gap_share: number | null } | null;
}

/** Sites as edits of a scenario that supposes them: built, shared, opened, joined. */
export const editsOf = (category: string, sites: readonly Site[], nameOf: (site: Site) => string): Edit[] =>
  sites.map((site) => {
    const { kind, code, line, lon, lat } = site;
    if (kind === "gate") return { edit: "gate_open", gate: code };
    if (kind === "share") return { edit: "facility_share", facility: code };
    if (line) return { edit: "path_add", line, step_free: true };
    return { edit: "facility_add", category, name: nameOf(site).slice(0, 200), position: [lon, lat] };
  });

/** A candidate drawn on the map. */
export interface Drawn {
  lon: number;
  lat: number;
  cost_yuan: number | null;
  /** A letter until somebody gives it a name. */
  name: string;
}

/** Drawn candidates as the address keeps them: `lon,lat,yuan,name;…`, the yuan empty where not known. */
export const drawnText = (points: readonly Drawn[]): string =>
  points
    .map(({ lon, lat, cost_yuan, name }) => [lon, lat, cost_yuan ?? "", name.replace(/[,;]/g, " ").trim()].join(","))
    .join(";");

export function drawnFrom(text: string | null): Drawn[] {
  const points: Drawn[] = (text ?? "").split(";").flatMap((one) => {
    const [lon, lat, yuan, name = ""] = one.split(",");
    const at = [Number(lon), Number(lat)] as const;
    if (!lon || !lat || !at.every(Number.isFinite) || Math.abs(at[0]) > 180 || Math.abs(at[1]) > 90) return [];
    const cost = yuan ? Number(yuan) : Number.NaN;
    return [{ lon: at[0], lat: at[1], cost_yuan: Number.isFinite(cost) && cost >= 0 ? cost : null, name }];
  });
  for (const point of points) point.name ||= freeLetter(points);
  return points;
}

/** The first letter that no candidate is called by: A, B, … Z, AA, AB, … */
export function freeLetter(points: readonly Drawn[]): string {
  const taken = new Set(points.map(({ name }) => name));
  const letterAt = (place: number) => String.fromCharCode(65 + (place % 26));
  for (let place = 0; place < 27 * 26; place++) {
    const name = (place < 26 ? "" : letterAt(Math.floor(place / 26) - 1)) + letterAt(place);
    if (!taken.has(name)) return name;
  }
  return String(points.length + 1);
}
