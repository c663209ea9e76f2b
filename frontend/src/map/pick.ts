/** What lies under a point of the map: a mark, else the topmost line or polygon that can be opened. */
import type * as L from "leaflet";
import type { TileFeature } from "./decode";
import type { FrontLayer } from "./front-layer";
import { touches } from "./hit";
import type { MvtLayer } from "./mvt-layer";
import { type Paint, type Pass, passesFor } from "./paint";

/** Ground: it lies under everything, so a click on it asks for the place, not for the thing. */
const GROUND: readonly string[] = ["areas", "grids", "networks", "ways", "barriers", "households"];
const LINE_REACH_PX = 5;
const TILE_PX = 256;

/** What is there as far as is known; `isPending` while a tile on its way may hold something above it. */
export interface Picked {
  feature: TileFeature | null;
  isPending: boolean;
}

export function pick(map: L.Map, tiles: MvtLayer, front: FrontLayer, point: L.Point): Picked {
  const { paint } = front;
  if (!paint) return { feature: null, isPending: true };
  const mark = front.markAt(point);
  if (mark) return { feature: mark, isPending: false };
  const at = worldPoint(map, point);
  let isPending = false;
  for (const pass of passesDown(map, paint, (layer) => !GROUND.includes(layer))) {
    const [feature] = hitsOf(map, tiles, pass, at);
    if (feature) return { feature, isPending };
    isPending ||= tiles.isPending(pass, at);
  }
  return { feature: null, isPending };
}

/** The ground things (areas, grids) under a point, topmost first. */
export const groundAt = (map: L.Map, tiles: MvtLayer, paint: Paint, point: L.Point): TileFeature[] =>
  passesDown(map, paint, (layer) => layer === "areas" || layer === "grids").flatMap((pass) =>
    hitsOf(map, tiles, pass, worldPoint(map, point)),
  );

const worldPoint = (map: L.Map, point: L.Point): L.Point => point.add(map.getPixelBounds().min as L.Point);

const passesDown = (map: L.Map, paint: Paint, isAsked: (layer: string) => boolean): Pass[] =>
  passesFor(paint, map.getZoom())
    .filter(({ layer }) => isAsked(layer))
    .reverse();

function hitsOf(map: L.Map, tiles: MvtLayer, pass: Pass, at: L.Point): TileFeature[] {
  const hits: TileFeature[] = [];
  for (const { id, tile } of tiles.decoded(pass)) {
    const size = TILE_PX * 2 ** (map.getZoom() - id.z);
    const x = (at.x / size - id.x) * tile.extent;
    const y = (at.y / size - id.y) * tile.extent;
    if (x < 0 || y < 0 || x > tile.extent || y > tile.extent) continue;
    const unit = tile.extent / size;
    for (const feature of tile.features) {
      if (feature.kind === "point" || feature.properties.code === undefined) continue;
      const reach = feature.kind === "line" ? LINE_REACH_PX * unit : 0;
      if (touches(feature, x, y, reach) && pass.symbolOf(feature)) hits.push(feature);
    }
  }
  return hits;
}
