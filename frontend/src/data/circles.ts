/** Service circles around a point: three limits at once. */
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

export const askCircles = (
  points: readonly LonLat[],
  { circle, strict }: LimitAsked,
  walk: Walk,
  signal: AbortSignal,
): Promise<Circles> =>
  request<Circles>("/api/analyses/circles", {
    method: "POST",
    body: {
      points,
      [circle === undefined ? "minutes" : "circles"]: THREE_LIMITS,
      profile: walk.profile,
      ...(walk.at && { at: walk.at }),
      ...(strict && { strict }),
    },
    signal,
  });

export const drawCircles = (points: readonly LonLat[], limit: LimitAsked, walk: Walk): Promise<void> =>
  circlesAround.load((signal) => askCircles(points, limit, walk, signal));
