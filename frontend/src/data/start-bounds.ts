/** Where the map begins: the areas administered, which a street extract reaches beyond; else all that is stored. */
import type { FeatureCollection } from "geojson";
import type { Bounds, Summary } from "../shared/api";
import { boundsOf, union } from "../shared/bounds";
import { request } from "../shared/request";

const LEVELS = ["street", "district", "community", "city", "quarter"];

export async function startBounds(summary: Summary, signal: AbortSignal): Promise<Bounds | null> {
  const level = LEVELS.find((name) => summary.levels.includes(name));
  if (!level) return summary.bounds;
  try {
    const areas = await request<FeatureCollection>("/api/areas", { query: { level, limit: 200 }, signal });
    const all = areas.features.map(({ geometry }) => geometry && boundsOf(geometry)).filter((box) => box !== null);
    return all.length ? all.reduce(union) : summary.bounds;
  } catch {
    return summary.bounds;
  }
}
