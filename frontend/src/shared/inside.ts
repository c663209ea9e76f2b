/** Whether a place lies in a geometry: in one of its polygons and in none of their holes; lines and points hold nothing. */
import type { Geometry, Position } from "geojson";
import type { LonLat } from "./api";
import { boundsOf } from "./bounds";

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

/** A place amid a geometry, on it where it is a polygon: the middle of the widest stretch at half height of its largest part. */
export function amid(geometry: Geometry): Position {
  const parts = geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  const sized = parts.map((coordinates): Geometry => ({ type: "Polygon", coordinates }));
  const part = sized.sort((one, other) => sizeOf(other) - sizeOf(one))[0] ?? geometry;
  const [west, south, east, north] = boundsOf(part) ?? [0, 0, 0, 0];
  const lat = (south + north) / 2;
  const rings = part.type === "Polygon" ? part.coordinates : [];
  const crossings = rings.flatMap((ring) => crossingsOf(ring, lat)).sort((one, other) => one - other);
  let best: [number, number] = [-1, (west + east) / 2];
  for (let at = 0; at + 1 < crossings.length; at += 2) {
    const [from = 0, to = 0] = crossings.slice(at, at + 2);
    if (to - from > best[0]) best = [to - from, (from + to) / 2];
  }
  return [best[1], lat];
}

function sizeOf(part: Geometry): number {
  const [west, south, east, north] = boundsOf(part) ?? [0, 0, 0, 0];
  return (east - west) * (north - south);
}

const crossingsOf = (ring: readonly Position[], lat: number): number[] =>
  ring.flatMap(([x = 0, y = 0], corner) => {
    const [before = 0, below = 0] = ring[(corner || ring.length) - 1] as Position;
    return y > lat === below > lat ? [] : [((before - x) * (lat - y)) / (below - y) + x];
  });
