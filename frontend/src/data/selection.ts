/** What of some layers lies inside a shape or an area, as a list and as a file. */
import type { FeatureCollection } from "geojson";
import type { LayerFeature } from "../shared/api";
import { request, requestBytes, withQuery } from "../shared/request";

/** Things of a layer that are listed and drawn. */
export const MOST_LISTED = 1000;
/** Rows a file has at most. */
export const LONGEST_FILE = 20_000;

export interface FilterOf {
  layer: string;
  /** A polygon as text, or the code of an area; null for everywhere. */
  within: string | null;
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
