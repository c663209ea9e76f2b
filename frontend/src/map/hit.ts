/** Which feature lies under a point, in tile units. */
import type { TileFeature } from "./decode";

/** Whether (x, y) is inside the polygon or within `reach` of the line or point. */
export function touches(feature: TileFeature, x: number, y: number, reach: number): boolean {
  const [minX, minY, maxX, maxY] = feature.box;
  if (x < minX - reach || x > maxX + reach || y < minY - reach || y > maxY + reach) return false;
  if (feature.kind === "polygon")
    return isInside(feature.rings, x, y) || (reach > 0 && distance(feature.rings, x, y) <= reach);
  return distance(feature.rings, x, y) <= reach;
}

/** Even-odd rule over all rings, holes included. */
export function isInside(rings: readonly Int16Array[], x: number, y: number): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let at = 0, before = ring.length - 2; at < ring.length; before = at, at += 2) {
      const ax = ring[at] as number;
      const ay = ring[at + 1] as number;
      const bx = ring[before] as number;
      const by = ring[before + 1] as number;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

function distance(rings: readonly Int16Array[], x: number, y: number): number {
  let best = Infinity;
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      const ax = ring[at] as number;
      const ay = ring[at + 1] as number;
      const bx = ring[at + 2] ?? ax;
      const by = ring[at + 3] ?? ay;
      const dx = bx - ax;
      const dy = by - ay;
      const along = dx === 0 && dy === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
      const near = Math.max(0, Math.min(1, along));
      best = Math.min(best, Math.hypot(x - ax - near * dx, y - ay - near * dy));
    }
  }
  return best;
}
