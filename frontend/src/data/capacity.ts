/** Places, beds or spaces within reach per 1,000 people; parking spaces per household by quarter. */
import type { LimitSaid, RuleCited } from "../shared/api";
import type { RunResult } from "./runs";

/** Categories that have a rule for capacities (`data/reference/capacity.json`). */
export const WITH_CAPACITY: readonly string[] = [
  "kindergarten",
  "nursery",
  "primary_school",
  "middle_school",
  "elder_station",
  "parking",
];

export interface CapacityRow {
  level: string;
  code: string | null;
  name: string | null;
  buildings_total: number;
  /** Of catchments. */
  people_total?: number | null;
  people_below_needed?: number | null;
  places_per_1000?: number | null;
  /** Of parking. */
  spaces?: number | null;
  households?: number | null;
  spaces_per_household?: number | null;
  withheld?: boolean;
}

export interface CapacityFacility {
  code: string;
  name: string | null;
  lon: number;
  lat: number;
  capacity: number | null;
  people_within: number | null;
  places_per_1000: number | null;
  status: string;
  withheld?: boolean;
}

export interface CapacityResult extends RunResult {
  category: string;
  measure: "catchment" | "ratio";
  by: string;
  bands: string[] | null;
  limit?: LimitSaid;
  needed_per_1000?: number | null;
  needed_to_verify?: boolean;
  /** The rules the figure looked for rests on. */
  rules?: Record<string, RuleCited>;
  unit: string;
  totals: CapacityRow[];
  rows: CapacityRow[];
  facilities?: CapacityFacility[];
}

/** Among fewer people than this a number per 1,000 says nothing: places and people are given instead. */
export const LEAST_PEOPLE = 20;

/** Places per 1,000 of so many people; null where they are too few for it. */
export const perThousand = (figure: number | null | undefined, people: number | null | undefined): number | null =>
  figure == null || (people != null && people < LEAST_PEOPLE) ? null : figure;

/** The figure a row is coloured by. */
export const figureOf = (row: CapacityRow): number | null =>
  perThousand(row.places_per_1000, row.people_total) ?? row.spaces_per_household ?? null;

/** Whether a row has a figure that is not told, as it is about too few people. */
export const isOfFew = (row: CapacityRow): boolean => row.places_per_1000 != null && figureOf(row) === null;

export interface Step {
  from: number;
  /** Null for the open end. */
  to: number | null;
}

const RATIO_STEPS = [0, 0.3, 0.6, 0.9, 1.2];
const SHARES_OF_NEEDED = [0, 0.5, 1, 1.5, 2];

/** Classes: shares of what is needed where a figure is looked for, else fifths of what is there. */
export function stepsOf(result: CapacityResult): Step[] {
  const starts = startsOf(result);
  return starts.map((from, place) => ({ from, to: starts[place + 1] ?? null }));
}

function startsOf(result: CapacityResult): number[] {
  if (result.measure === "ratio") return RATIO_STEPS;
  const needed = result.needed_per_1000;
  if (needed) return SHARES_OF_NEEDED.map((share) => share * needed);
  const largest = Math.max(...result.rows.map((row) => figureOf(row) ?? 0), 1);
  return [0, 0.2, 0.4, 0.6, 0.8].map((share) => share * largest);
}

/** The class of a figure; nothing within reach is a class of its own, before the first. */
export const stepOf = (steps: readonly Step[], figure: number): number =>
  figure === 0 ? -1 : steps.findIndex(({ to }) => to === null || figure < to);
