/** Codes and names of the areas of a level, for lists to choose from. */
import type { FeatureCollection } from "geojson";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";

export interface AreaName {
  code: string;
  name: string | null;
}

export const areaNames = resource<AreaName[]>();

const MOST = 1000;

export const loadAreaNames = (level: string): Promise<void> =>
  areaNames.load(async (signal) => {
    const found = await request<FeatureCollection>("/api/areas", {
      query: { level, limit: MOST, sort: "code" },
      signal,
    });
    return found.features.map(({ properties }) => ({
      code: String(properties?.code),
      name: (properties?.name as string | null) ?? null,
    }));
  });
