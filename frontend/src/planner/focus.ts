/** Brings a stored thing into view and opens it. */
import type { Geometry, Position } from "geojson";
import { feature, loadFeature } from "../data/features";
import type { Bounds } from "../shared/api";
import { ready } from "../shared/loadable";
import * as state from "./state";

export async function focusOn(layer: string, code: string): Promise<void> {
  state.select({ kind: "feature", layer, code });
  await loadFeature(layer, code);
  const found = ready(feature.state.peek());
  const bounds = found?.geometry && boundsOf(found.geometry);
  if (bounds) state.focus.value = bounds;
}

/** West, south, east, north of a geometry in degrees, null for an empty one. */
export function boundsOf(geometry: Geometry): Bounds | null {
  const bounds: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const add = (positions: unknown): void => {
    if (!Array.isArray(positions)) return;
    if (typeof positions[0] === "number") {
      const [lon = 0, lat = 0] = positions as Position;
      bounds[0] = Math.min(bounds[0], lon);
      bounds[1] = Math.min(bounds[1], lat);
      bounds[2] = Math.max(bounds[2], lon);
      bounds[3] = Math.max(bounds[3], lat);
    } else for (const part of positions) add(part);
  };
  if (geometry.type === "GeometryCollection")
    for (const part of geometry.geometries) add("coordinates" in part && part.coordinates);
  else add(geometry.coordinates);
  return Number.isFinite(bounds[0]) ? bounds : null;
}
