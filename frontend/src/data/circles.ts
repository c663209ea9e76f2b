/** Service circles around a point: three limits at once. */
import type { Circles, LimitAsked, LonLat } from "../shared/api";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";
import { BY_AGE, STANDARD } from "./catalogue";

export const circlesAround = resource<Circles>();

export const THREE_LIMITS: readonly number[] = [5, 10, 15];

/** Circles are those of one walker: where everybody walks by age, of the standard one. */
export const singleProfile = (profile: string): string => (profile === BY_AGE ? STANDARD : profile);

export const drawCircles = (at: LonLat, { circle, strict }: LimitAsked, profile: string): Promise<void> =>
  circlesAround.load((signal) =>
    request<Circles>("/api/analyses/circles", {
      method: "POST",
      body: {
        points: [at],
        [circle === undefined ? "minutes" : "circles"]: THREE_LIMITS,
        profile: singleProfile(profile),
        ...(strict && { strict }),
      },
      signal,
    }),
  );
