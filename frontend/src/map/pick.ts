/** What lies under a point of the map: a mark, else the topmost line or polygon that can be opened. */
import type * as L from "leaflet";
import type { TileFeature } from "./decode";
import type { FrontLayer } from "./front-layer";
import { touches } from "./hit";
import type { MvtLayer } from "./mvt-layer";
import { type Paint, passesFor } from "./paint";

/** Ground: it lies under everything, so a click on it asks for the place, not for the thing. */
const GROUND: readonly string[] = ["areas", "grids", "networks", "ways", "barriers", "households"];
const LINE_REACH_PX = 5;
const TILE_PX = 256;

export function pick(map: L.Map, tiles: MvtLayer, front: FrontLayer, paint: Paint, point: L.Point): TileFeature | null {
  const mark = front.markAt(point);
  if (mark) return mark;
  return under(map, tiles, paint, point, (layer) => !GROUND.includes(layer))[0] ?? null;
}

/** The ground things (areas, grids) under a point, topmost first. */
export const groundAt = (map: L.Map, tiles: MvtLayer, paint: Paint, point: L.Point): TileFeature[] =>
  under(map, tiles, paint, point, (layer) => layer === "areas" || layer === "grids");

function under(
  map: L.Map,
  tiles: MvtLayer,
  paint: Paint,
  point: L.Point,
  isAsked: (layer: string) => boolean,
): TileFeature[] {
  const zoom = map.getZoom();
  const at = point.add(map.getPixelBounds().min as L.Point);
  const passes = passesFor(paint, zoom).filter(({ layer }) => isAsked(layer));
  const hits: TileFeature[] = [];
  for (const pass of passes.reverse()) {
    for (const { id, tile } of tiles.decoded(pass)) {
      const size = TILE_PX * 2 ** (zoom - id.z);
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
  }
  return hits;
}
