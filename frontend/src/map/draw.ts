/** Draws lines and polygons of decoded tiles on a canvas. */
import type { DecodedTile, TileFeature } from "./decode";
import { footprint, MARKED, type Pass } from "./paint";
import { patternFill } from "./patterns";
import type { Placed } from "./sources";
import { type SymbolStyle, widthAt } from "./style";

export interface Ground {
  context: CanvasRenderingContext2D;
  zoom: number;
  /** Device pixels per CSS pixel. */
  scale: number;
}

/** Draws one pass of one tile; features of equal symbol share a path. */
export function drawPass(ground: Ground, pass: Pass, tile: DecodedTile, placed: Placed): void {
  const isMarked = MARKED.includes(pass.layer);
  const groups = new Map<SymbolStyle, TileFeature[]>();
  for (const feature of tile.features) {
    if (feature.kind === "point") continue;
    const found = pass.symbolOf(feature);
    if (!found) continue;
    const symbol = isMarked && feature.kind === "polygon" && found.stroke ? footprint(found) : found;
    const group = groups.get(symbol);
    if (group) group.push(feature);
    else groups.set(symbol, [feature]);
  }
  const sorted = [...groups];
  const { rank } = pass;
  if (rank) sorted.sort(([, a], [, b]) => rank(a[0] as TileFeature) - rank(b[0] as TileFeature));
  const { context } = ground;
  context.save();
  context.beginPath();
  context.rect(placed.left, placed.top, placed.size, placed.size);
  context.clip();
  for (const [symbol, features] of sorted) {
    const lines = features.filter((feature) => feature.kind === "line");
    const polygons = features.filter((feature) => feature.kind === "polygon");
    if (polygons.length) fill(ground, symbol, polygons, tile.extent, placed);
    stroke(ground, symbol, lines, polygons, tile.extent, placed);
  }
  context.restore();
}

function fill(ground: Ground, symbol: SymbolStyle, features: TileFeature[], extent: number, placed: Placed): void {
  const { context, scale } = ground;
  if (!symbol.fill && symbol.pattern === "none") return;
  trace(context, features, extent, placed);
  if (symbol.fill) {
    context.globalAlpha = symbol.fill_opacity;
    context.fillStyle = symbol.fill;
    context.fill("evenodd");
  }
  const pattern = patternFill(context, symbol.pattern, symbol.stroke ?? "#555555", scale);
  if (pattern) overlay(context, pattern, 0.75);
  context.globalAlpha = 1;
}

/** Fills the current path with a pattern in device pixels, whatever the transform. */
export function overlay(context: CanvasRenderingContext2D, pattern: CanvasPattern, alpha: number): void {
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = alpha;
  context.fillStyle = pattern;
  context.fill("evenodd");
  context.restore();
}

const MIN_FILLED_OUTLINE_ZOOM = 15;

function stroke(
  ground: Ground,
  symbol: SymbolStyle,
  lines: TileFeature[],
  polygons: TileFeature[],
  extent: number,
  placed: Placed,
): void {
  const { context, zoom } = ground;
  if (!symbol.stroke) return;
  context.strokeStyle = symbol.stroke;
  context.lineJoin = "round";
  context.lineCap = symbol.dash.length ? "butt" : "round";
  context.setLineDash(symbol.dash);
  if (lines.length) {
    context.lineWidth = widthAt(symbol.width_px, zoom);
    trace(context, lines, extent, placed);
    context.stroke();
  }
  // outlines of small filled polygons only darken a small map; open outlines (areas, grids) are always drawn
  if (polygons.length && (!symbol.fill || zoom >= MIN_FILLED_OUTLINE_ZOOM)) {
    context.lineWidth = symbol.fill ? Math.min(symbol.width_px, 1.5) : symbol.width_px;
    trace(context, polygons, extent, placed);
    context.stroke();
  }
  context.setLineDash([]);
}

/** Adds features to a fresh path, tile units turned into canvas pixels. */
export function trace(
  context: CanvasRenderingContext2D,
  features: readonly TileFeature[],
  extent: number,
  { left, top, size }: Pick<Placed, "left" | "top" | "size">,
): void {
  const unit = size / extent;
  context.beginPath();
  for (const { rings, kind } of features) {
    for (const ring of rings) {
      for (let at = 0; at < ring.length; at += 2) {
        const x = left + (ring[at] as number) * unit;
        const y = top + (ring[at + 1] as number) * unit;
        if (at === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      if (kind === "polygon") context.closePath();
    }
  }
}
