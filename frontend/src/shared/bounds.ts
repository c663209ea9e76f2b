/** Boxes in degrees: west, south, east, north. */
import type { Geometry, Position } from "geojson";
import type { Bounds } from "./api";

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

export const union = (a: Bounds, b: Bounds): Bounds => [
  Math.min(a[0], b[0]),
  Math.min(a[1], b[1]),
  Math.max(a[2], b[2]),
  Math.max(a[3], b[3]),
];
