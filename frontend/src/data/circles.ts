/** Service circles around a point: three limits at once. */
import type { Circles, LimitAsked, LonLat } from "../shared/api";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";

export const circlesAround = resource<Circles>();

export const THREE_LIMITS: readonly number[] = [5, 10, 15];

export const drawCircles = (at: LonLat, { circle, strict }: LimitAsked, profile: string): Promise<void> =>
  circlesAround.load((signal) =>
    request<Circles>("/api/analyses/circles", {
      method: "POST",
      body: {
        points: [at],
        [circle === undefined ? "minutes" : "circles"]: THREE_LIMITS,
        profile,
        ...(strict && { strict }),
      },
      signal,
    }),
  );
