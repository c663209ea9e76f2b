/** A shape drawn on the map or an area, and what of some layers lies inside. */
import type { FeatureCollection } from "geojson";
import type { LayerFeature, LonLat } from "../shared/api";
import { request, requestBytes, withQuery } from "../shared/request";

export const WAYS = ["polygon", "box", "area", "points"] as const;
export type Way = (typeof WAYS)[number];

/** Corners a shape has at least. */
export const LEAST_CORNERS = { polygon: 3, box: 2, points: 1 } as const;
/** Corners the server takes. */
export const MOST_CORNERS = 500;
/** Things of a layer that are listed and drawn. */
export const MOST_LISTED = 1000;
/** Rows a file has at most. */
export const LONGEST_FILE = 20_000;

/** The corners as the address keeps them: `lon,lat;lon,lat`. */
export const cornersText = (corners: readonly LonLat[]): string =>
  corners.map((at) => at.map((degree) => Number(degree.toFixed(6))).join(",")).join(";");

export const cornersFrom = (text: string | null): LonLat[] =>
  (text ?? "").split(";").flatMap((one): LonLat[] => {
    const [lon, lat] = one.split(",").map(Number);
    const fits = lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
    return one.includes(",") && fits ? [[lon, lat]] : [];
  });

/** The closed ring that is selected in; null while it is none. */
export function ringOf(way: Way, corners: readonly LonLat[]): LonLat[] | null {
  const [first, second] = corners;
  if (way === "box" && first && second) {
    const [west, east] = [Math.min(first[0], second[0]), Math.max(first[0], second[0])];
    const [south, north] = [Math.min(first[1], second[1]), Math.max(first[1], second[1])];
    if (west === east || south === north) return null;
    return [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ];
  }
  return way === "polygon" && first && corners.length >= 3 ? [...corners, first] : null;
}

/** A ring as the server is asked for what lies in it. */
export const withinOf = (ring: readonly LonLat[]): string =>
  `POLYGON((${ring.map(([lon, lat]) => `${lon} ${lat}`).join(",")}))`;

export interface FilterOf {
  layer: string;
  /** A polygon as text, or the code of an area. */
  within: string;
  /** Of facilities only those of this category. */
  category: string | null;
}

export interface Inside {
  layer: string;
  total: number;
  features: LayerFeature[];
}

const queryOf = ({ within, category }: FilterOf) => ({ within, category, sort: "code" });

export async function inside(filter: FilterOf, signal: AbortSignal): Promise<Inside> {
  const found = await request<FeatureCollection & { numberMatched: number }>(`/api/${filter.layer}`, {
    query: { ...queryOf(filter), limit: MOST_LISTED },
    signal,
  });
  return { layer: filter.layer, total: found.numberMatched, features: found.features as LayerFeature[] };
}

/** All of it as a file, by the same filter. */
export const fileOf = (filter: FilterOf, format: "xlsx" | "geojson"): Promise<ArrayBuffer | null> =>
  requestBytes(withQuery(`/api/features/${filter.layer}/file`, { ...queryOf(filter), format }));
