/** Where a mark or name of a thing stands: on it, also where its middle is a lake or another thing's ground. */
import type { TileFeature } from "./decode";

const known = new WeakMap<TileFeature, [number, number]>();

/** A point of the feature in tile units: for polygons the middle of the widest stretch at half height. */
export function innerPoint(feature: TileFeature): [number, number] {
  let point = known.get(feature);
  if (!point) {
    const [minX, minY, maxX, maxY] = feature.box;
    const y = (minY + maxY) / 2;
    point = [(feature.kind === "polygon" ? widestAt(feature.rings, y) : null) ?? (minX + maxX) / 2, y];
    known.set(feature, point);
  }
  return point;
}

function widestAt(rings: readonly Int16Array[], y: number): number | null {
  const crossings: number[] = [];
  for (const ring of rings) {
    for (let at = 0, before = ring.length - 2; at < ring.length; before = at, at += 2) {
      const ay = ring[at + 1] as number;
      const by = ring[before + 1] as number;
      if (ay > y === by > y) continue;
      const ax = ring[at] as number;
      crossings.push(ax + (((ring[before] as number) - ax) * (y - ay)) / (by - ay));
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
