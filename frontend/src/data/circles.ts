/** Service circles around points or facilities: three limits at once. */
import type { Circles, LimitAsked, LonLat } from "../shared/api";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";

export const circlesAround = resource<Circles>();

export const THREE_LIMITS: readonly number[] = [5, 10, 15];
/** As many points as one asks circles of at once. */
export const MOST_POINTS = 1000;

/** Who walks, and at what time of day (HH:MM), null for all hours. */
export interface Walk {
  profile: string;
  at: string | null;
}

/** Places, or facilities by their codes: those start at their entrances. */
export type CirclesOf = { points: readonly LonLat[] } | { facilities: readonly string[] };

export const askCircles = (
  from: CirclesOf,
  { circle, strict }: LimitAsked,
  walk: Walk,
  signal: AbortSignal,
): Promise<Circles> =>
  request<Circles>("/api/analyses/circles", {
    method: "POST",
    body: {
      ...from,
      [circle === undefined ? "minutes" : "circles"]: THREE_LIMITS,
      profile: walk.profile,
      ...(walk.at && { at: walk.at }),
      ...(strict && { strict }),
    },
    signal,
  });

export const drawCircles = (from: CirclesOf, limit: LimitAsked, walk: Walk): Promise<void> =>
  circlesAround.load((signal) => askCircles(from, limit, walk, signal));
