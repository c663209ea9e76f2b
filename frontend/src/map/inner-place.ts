/** A place on a shape given in degrees, for its number or name. */
import type { Geometry, Position } from "geojson";
import type { LonLat } from "../shared/api";
import { boundsOf } from "../shared/bounds";

/** The middle of the widest stretch at half height of the largest part; the middle of what is no polygon. */
export function innerPlace(geometry: Geometry): LonLat {
  const parts =
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
  const largest = [...parts].sort((a, b) => boxSize(b) - boxSize(a))[0];
  const [west, south, east, north] = boundsOf(largest ? { type: "Polygon", coordinates: largest } : geometry) ?? [
    0, 0, 0, 0,
  ];
  const y = (south + north) / 2;
  return [(largest && widestAt(largest, y)) ?? (west + east) / 2, y];
}

function boxSize(rings: Position[][]): number {
  const box = boundsOf({ type: "Polygon", coordinates: rings });
  return box ? (box[2] - box[0]) * (box[3] - box[1]) : 0;
}

function widestAt(rings: readonly Position[][], y: number): number | null {
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let at = 0; at + 1 < ring.length; at++) {
      const [ax = 0, ay = 0] = ring[at] as Position;
      const [bx = 0, by = 0] = ring[at + 1] as Position;
      if (ay > y !== by > y) crossings.push(ax + ((bx - ax) * (y - ay)) / (by - ay));
    }
  }
  crossings.sort((a, b) => a - b);
  let best: [width: number, middle: number] | null = null;
  for (let at = 0; at + 1 < crossings.length; at += 2) {
    const [from, to] = [crossings[at] as number, crossings[at + 1] as number];
    if (!best || to - from > best[0]) best = [to - from, (from + to) / 2];
  }
  return best?.[1] ?? null;
}
