/** What lies in front of the map now: markers and name candidates gathered from decoded tiles, in world pixels. */
import type { DecodedTile, TileFeature } from "./decode";
import { innerPoint } from "./inner-point";
import { alongLine, type Candidate } from "./labels";
import { categoryOf, MARKED, type Paint, type Pass, wayRank } from "./paint";
import type { TileId } from "./sources";
import { lighten, type SymbolStyle } from "./style";

export interface Piece {
  feature: TileFeature;
  id: TileId;
  extent: number;
}

export interface Marker {
  x: number;
  y: number;
  radius: number;
  symbol: SymbolStyle;
  isPlain: boolean;
  feature: TileFeature;
  order: number;
}

const GLYPHS_FROM_ZOOM = 16;
const TILE_PX = 256;

/** World pixel of a point in tile units at map zoom `zoom`. */
export function worldPixel(id: TileId, extent: number, x: number, y: number, zoom: number): [number, number] {
  const size = TILE_PX * 2 ** (zoom - id.z);
  return [(id.x + x / extent) * size, (id.y + y / extent) * size];
}

/** All features of a pass; one that is cut by tile edges gives its largest piece. */
export function largestPieces(tiles: readonly { id: TileId; tile: DecodedTile }[]): Piece[] {
  const byCode = new Map<string, Piece>();
  const others: Piece[] = [];
  for (const { id, tile } of tiles) {
    for (const feature of tile.features) {
      const piece = { feature, id, extent: tile.extent };
      const { code } = feature.properties;
      if (code === undefined) {
        others.push(piece);
        continue;
      }
      const known = byCode.get(String(code));
      if (!known || sizeOf(feature) > sizeOf(known.feature)) byCode.set(String(code), piece);
    }
  }
  return [...byCode.values(), ...others];
}

const sizeOf = ({ box: [minX, minY, maxX, maxY] }: TileFeature) => (maxX - minX) * (maxY - minY);

function middle({ feature, id, extent }: Piece, zoom: number): [number, number] {
  const [x, y] = innerPoint(feature);
  return worldPixel(id, extent, x, y, zoom);
}

export function markersOf(paint: Paint, pass: Pass, pieces: readonly Piece[], zoom: number): Marker[] {
  const isMarked = MARKED.includes(pass.layer);
  const markers: Marker[] = [];
  for (const piece of pieces) {
    const { feature } = piece;
    if (feature.kind !== "point" && !isMarked) continue;
    if (feature.properties.code === undefined) continue;
    const symbol = pass.symbolOf(feature);
    if (!symbol) continue;
    const [x, y] = middle(piece, zoom);
    const wanted = categoryOf(paint);
    const isChosen = pass.layer === "facilities" && feature.properties.category === wanted;
    const isFaded = pass.layer === "facilities" && wanted !== undefined && !isChosen;
    if (isFaded && zoom < GLYPHS_FROM_ZOOM) continue;
    const isPlain = isFaded || (zoom < GLYPHS_FROM_ZOOM && !isChosen);
    const radius = isChosen
      ? symbol.radius_px + 3
      : isFaded
        ? 3
        : isPlain
          ? symbol.radius_px * plainSize(zoom)
          : symbol.radius_px;
    const order = pass.order + (isChosen ? 1000 : isFaded ? -50 : 0);
    markers.push({ x, y, radius, symbol: isFaded ? faded(symbol) : symbol, isPlain, feature, order });
  }
  return markers.sort((a, b) => a.order - b.order);
}

/** Marks without glyph shrink with the map. */
const plainSize = (zoom: number): number => (zoom >= 15 ? 0.6 : 0.42);

const fadedSymbols = new WeakMap<SymbolStyle, SymbolStyle>();
function faded(symbol: SymbolStyle): SymbolStyle {
  let made = fadedSymbols.get(symbol);
  if (!made) {
    made = { ...symbol, fill: lighten(symbol.fill ?? "#999999", 0.35), stroke: "#ffffff" };
    fadedSymbols.set(symbol, made);
  }
  return made;
}

const INK = "#3a3a3a";
/** Names of areas and grids weigh at least this. */
export const PLACE_WEIGHT = 90;
const NAMES: Record<string, { fromZoom: number; weight: number; size: number; colour: string; bold?: boolean }> = {
  areas: { fromZoom: 11, weight: 90, size: 14, colour: "#4a235a", bold: true },
  grids: { fromZoom: 15, weight: 91, size: 12, colour: "#0b4a7a", bold: true },
  facilities: { fromZoom: 17, weight: 50, size: 12, colour: INK },
  projects: { fromZoom: 16, weight: 55, size: 12, colour: INK },
  green_spaces: { fromZoom: 15, weight: 35, size: 12, colour: "#2c5e27" },
  public_spaces: { fromZoom: 16, weight: 34, size: 12, colour: "#6b5410" },
  barriers: { fromZoom: 14, weight: 36, size: 12, colour: "#27607f" },
  buildings: { fromZoom: 18, weight: 20, size: 11, colour: "#5c4a38" },
};
const UNDER_MARK_PX = 14;

/** Names of marks, areas, spaces and streets, weighed so that the larger thing is named first. */
export function namesOf(
  paint: Paint,
  pass: Pass,
  pieces: readonly Piece[],
  zoom: number,
  widthOf: (text: string, size: number, bold: boolean) => number,
  extra: (layer: string, code: string) => string,
): Candidate[] {
  if (pass.layer === "ways") return roadNames(paint, pass, pieces, zoom, widthOf);
  const how = NAMES[pass.layer];
  if (!how || zoom < how.fromZoom) return [];
  const candidates: Candidate[] = [];
  for (const piece of pieces) {
    const { properties, kind } = piece.feature;
    const name = String(properties.name ?? "");
    if (!name || (pass.layer === "barriers" && properties.kind !== "water") || !pass.symbolOf(piece.feature)) continue;
    const [x, y] = middle(piece, zoom);
    const wanted = categoryOf(paint);
    if (pass.layer === "facilities" && wanted !== undefined && properties.category !== wanted) continue;
    const isMark = kind === "point" || MARKED.includes(pass.layer);
    if (!isMark && pass.layer !== "areas" && !isRoomy(piece, zoom)) continue;
    if (pass.layer === "grids" && properties.kind !== "governance") continue;
    if (pass.layer === "areas" && (paint.figures ?? paint.coverage)?.layer === "grids") continue;
    candidates.push({
      text: name + extra(pass.layer, String(properties.code)),
      x,
      y: isMark ? y + UNDER_MARK_PX : y,
      angle: 0,
      weight: how.weight + urgency(paint, pass.layer, String(properties.code)),
      size: how.size,
      colour: how.colour,
      bold: how.bold,
      apart: 120,
    });
  }
  return candidates;
}

/** Of what is shaded by its share the worst is named first: 0 to below 1, the least covered the most. */
function urgency(paint: Paint, layer: string, code: string): number {
  const { coverage } = paint;
  if (coverage?.layer !== layer) return 0;
  if (coverage.urgencyOf) return coverage.urgencyOf(code) * 0.9;
  const share = coverage.shareOf(code);
  return typeof share !== "number" ? 0 : (1 - Math.min(Math.max(share, 0), 1)) * 0.9;
}

function isRoomy({ feature, id, extent }: Piece, zoom: number): boolean {
  const [minX, , maxX] = feature.box;
  return ((maxX - minX) / extent) * TILE_PX * 2 ** (zoom - id.z) > 40;
}

function roadNames(
  paint: Paint,
  pass: Pass,
  pieces: readonly Piece[],
  zoom: number,
  widthOf: (text: string, size: number, bold: boolean) => number,
): Candidate[] {
  const style = paint.sheet.layers.ways;
  if (!style || zoom < 14) return [];
  const candidates: Candidate[] = [];
  for (const { feature, id, extent } of pieces) {
    const name = String(feature.properties.name ?? "");
    if (!name || !pass.symbolOf(feature)) continue;
    const isMain = wayRank(style, feature.properties) >= 2;
    if (!isMain && zoom < 16) continue;
    const size = isMain ? 12 : 11;
    const width = widthOf(name, size, false);
    for (const ring of feature.rings) {
      const line: number[] = [];
      for (let at = 0; at < ring.length; at += 2)
        line.push(...worldPixel(id, extent, ring[at] as number, ring[at + 1] as number, zoom));
      const spot = alongLine(line, width + 8);
      if (spot) candidates.push({ text: name, ...spot, weight: isMain ? 60 : 30, size, colour: INK, apart: 260 });
    }
  }
  return candidates;
}
