/** Why a home is covered, not covered or unknown for one category. */
import type { Explanation, LimitAsked } from "../shared/api";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";

export const explanation = resource<Explanation>();

export interface Question {
  building: string;
  category: string;
  limit: LimitAsked;
  profile: string;
  /** Null for everybody; a band counts only facilities that admit it, at its own speed where each age walks so. */
  band: string | null;
  /** Time of day (HH:MM) by which gates are open or shut; null for all hours. */
  at: string | null;
}

export const explain = ({ building, category, limit, profile, band, at }: Question): Promise<void> =>
  explanation.load((signal) =>
    request<Explanation>("/api/explain", { query: { building, category, profile, band, at, ...limit }, signal }),
  );
