/** A vector tile decoded once into flat arrays, drawn and hit as often as needed. */
import { VectorTile } from "@mapbox/vector-tile";
import PbfReader from "pbf";
import type { Properties } from "./style";

export type Kind = "point" | "line" | "polygon";

/** Coordinates are tile units (0..extent, a little beyond at the edges), x and y alternating, ring after ring. */
export interface TileFeature {
  layer: string;
  kind: Kind;
  properties: Properties;
  rings: Int16Array[];
  box: readonly [minX: number, minY: number, maxX: number, maxY: number];
}

export interface DecodedTile {
  extent: number;
  features: TileFeature[];
}

export const EMPTY: DecodedTile = { extent: 4096, features: [] };

const KINDS: Record<number, Kind> = { 1: "point", 2: "line", 3: "polygon" };

export function decode(bytes: ArrayBuffer, layer: string): DecodedTile {
  const source = new VectorTile(new PbfReader(new Uint8Array(bytes))).layers[layer];
  if (!source) return EMPTY;
  const features: TileFeature[] = [];
  for (let index = 0; index < source.length; index++) {
    const raw = source.feature(index);
    const kind = KINDS[raw.type];
    if (!kind) continue;
    const rings = raw.loadGeometry().map((ring) => {
      const flat = new Int16Array(ring.length * 2);
      ring.forEach((point, place) => {
        flat[place * 2] = point.x;
        flat[place * 2 + 1] = point.y;
      });
      return flat;
    });
    features.push({ layer, kind, properties: raw.properties as Properties, rings, box: boxOf(rings) });
  }
  return { extent: source.extent, features };
}

export function boxOf(rings: readonly Int16Array[]): TileFeature["box"] {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let at = 0; at < ring.length; at += 2) {
      const x = ring[at] as number;
      const y = ring[at + 1] as number;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
  }
  return [minX, minY, maxX, maxY];
}
