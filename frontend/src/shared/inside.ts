/** Whether a place lies in a geometry: in one of its polygons and in none of their holes; lines and points hold nothing. */
import type { Geometry, Position } from "geojson";
import type { LonLat } from "./api";

export function isInside(geometry: Geometry, place: LonLat): boolean {
  if (geometry.type === "GeometryCollection") return geometry.geometries.some((part) => isInside(part, place));
  const polygons =
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  // an odd number of rings around it: in the outer one and in no hole
  return polygons.some((rings) => rings.filter((ring) => isAround(ring, place)).length % 2 === 1);
}

function isAround(ring: readonly Position[], [lon, lat]: LonLat): boolean {
  let isIn = false;
  ring.forEach(([x = 0, y = 0], corner) => {
    const [before, below] = ring[(corner || ring.length) - 1] as Position;
    if (before === undefined || below === undefined || y > lat === below > lat) return;
    if (lon < ((before - x) * (lat - y)) / (below - y) + x) isIn = !isIn;
  });
  return isIn;
}
