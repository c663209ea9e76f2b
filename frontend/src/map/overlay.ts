/** Shapes of an analysis drawn over the map: areas in colour and hatch, marks with a number, lines. */
import type { Geometry, Position } from "geojson";
import * as L from "leaflet";
import type { LonLat } from "../shared/api";
import { innerPlace } from "./inner-place";
import { inkOn, svgPath } from "./shapes";
import type { Pattern, SymbolStyle } from "./style";
import { lineOn, token } from "./tokens";

export interface OverlayShape {
  /** What is told when it is clicked; null for shapes that are only looked at. */
  key: string | null;
  geometry: Geometry;
  symbol: SymbolStyle;
  /** A number or short word in its middle. */
  badge?: string;
  /** What it is called while the pointer is on it. */
  title?: string;
  isChosen?: boolean;
  /** A ring around what the map shows there already. */
  isRing?: boolean;
}

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 9;

export function overlayShapes(shapes: readonly OverlayShape[]): L.LayerGroup {
  const group = L.layerGroup();
  // the chosen one last, so that nothing lies on it
  for (const shape of [...shapes].sort((a, b) => Number(a.isChosen ?? false) - Number(b.isChosen ?? false))) {
    if (shape.geometry.type === "Point") mark(shape.geometry.coordinates as LonLat, shape).addTo(group);
    else {
      drawn(shape).addTo(group);
      if (shape.badge) mark(innerPlace(shape.geometry), shape).addTo(group);
    }
  }
  return group;
}

function drawn({ geometry, symbol, isChosen }: OverlayShape): L.Layer {
  const isLine = /Line/.test(geometry.type);
  const style: L.PathOptions = {
    color: isChosen ? token("--chosen") : symbol.stroke ? lineOn(symbol.stroke) : undefined,
    stroke: isChosen || symbol.stroke !== null,
    weight: isChosen ? symbol.width_px + 2 : symbol.width_px,
    dashArray: symbol.dash.join(" "),
    fill: !isLine && symbol.fill !== null,
    fillColor: symbol.pattern === "none" ? (symbol.fill ?? undefined) : `url(#${patternId(symbol)})`,
    fillOpacity: symbol.pattern === "none" ? symbol.fill_opacity : 1,
    interactive: false,
  };
  return L.geoJSON(geometry, { style: () => style, interactive: false });
}

function mark(at: LonLat, { symbol, badge, isChosen, isRing }: OverlayShape): L.Marker {
  const radius = badge ? Math.max(symbol.radius_px, badge.length > 2 ? 13 : 10) : symbol.radius_px;
  const half = radius * 1.4 + 3;
  const svg = made("svg", { viewBox: `${-half} ${-half} ${half * 2} ${half * 2}`, width: half * 2, height: half * 2 });
  const path = svgPath(symbol.shape, radius);
  svg.append(made("path", { d: path, fill: "none", stroke: "#ffffff", "stroke-width": isChosen ? 7 : 4 }));
  const stroke = isChosen ? token("--chosen") : (symbol.stroke ?? "#333333");
  svg.append(
    made("path", {
      d: path,
      fill: isRing ? "none" : (symbol.fill ?? "#ffffff"),
      stroke,
      "stroke-width": isRing || isChosen ? 3 : 1.5,
    }),
  );
  if (badge) {
    const text = made("text", {
      y: symbol.shape === "triangle" ? radius * 0.55 : radius * 0.38,
      "text-anchor": "middle",
      "font-size": badge.length > 2 ? radius * 0.85 : radius * 1.1,
      "font-weight": 700,
      fill: inkOn(symbol.fill),
    });
    text.textContent = badge;
    svg.append(text);
  }
  const icon = L.divIcon({ html: svg as unknown as HTMLElement, className: "mark", iconSize: [half * 2, half * 2] });
  const zIndexOffset = isChosen ? 1000 : 0;
  return L.marker([at[1], at[0]], { icon, interactive: false, keyboard: false, zIndexOffset });
}

function made(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

let patterns: SVGElement | null = null;

/** The id of a colour with its hatch, made once for the page. */
function patternId({ pattern, fill, fill_opacity, stroke }: SymbolStyle): string {
  const id = `over-${[pattern, fill, fill_opacity, stroke].join("-").replace(/[^\w-]/g, "")}`;
  if (!patterns) {
    patterns = made("svg", { width: 0, height: 0, "aria-hidden": "true", class: "patterns" });
    document.body.append(patterns);
  }
  if (document.getElementById(id)) return id;
  const tile = made("pattern", { id, width: SIDE, height: SIDE, patternUnits: "userSpaceOnUse" });
  if (fill) tile.append(made("rect", { width: SIDE, height: SIDE, fill, "fill-opacity": fill_opacity }));
  tile.append(...strokes(pattern, stroke ?? "#333333"));
  patterns.append(tile);
  return id;
}

function strokes(pattern: Pattern, colour: string): SVGElement[] {
  if (pattern === "dots") return [2, 6.5].map((at) => made("circle", { cx: at, cy: at, r: 1.1, fill: colour }));
  const up = `M0 ${SIDE}L${SIDE} 0M-1 1L1 -1M${SIDE - 1} ${SIDE + 1}L${SIDE + 1} ${SIDE - 1}`;
  const down = `M0 0L${SIDE} ${SIDE}M-1 ${SIDE - 1}L1 ${SIDE + 1}M${SIDE - 1} -1L${SIDE + 1} 1`;
  return [made("path", { d: pattern === "crosshatch" ? up + down : up, stroke: colour, "stroke-width": 1.1 })];
}

const NEAR_PX = 16;

/** The topmost shape at a place; marks and lines are met within some pixels. */
export function shapeAt(shapes: readonly OverlayShape[], at: LonLat, metresPerPixel: number): OverlayShape | null {
  const reach = NEAR_PX * metresPerPixel;
  const pickable = shapes.filter(({ key }) => key !== null);
  const points = pickable.filter(({ geometry }) => geometry.type === "Point");
  const near = points
    .map((shape) => ({ shape, away: metresBetween((shape.geometry as { coordinates: Position }).coordinates, at) }))
    .filter(({ away }) => away <= reach)
    .sort((a, b) => a.away - b.away)[0];
  if (near) return near.shape;
  return [...pickable].reverse().find(({ geometry }) => isInside(geometry, at)) ?? null;
}

const METRES_PER_DEGREE = 111_195;

/** Metres between two places that are near each other. */
export function metresBetween([lon = 0, lat = 0]: Position, [otherLon = 0, otherLat = 0]: Position): number {
  const shrink = Math.cos((((lat + otherLat) / 2) * Math.PI) / 180);
  return Math.hypot((otherLon - lon) * shrink, otherLat - lat) * METRES_PER_DEGREE;
}

export function isInside(geometry: Geometry, at: LonLat): boolean {
  if (geometry.type === "Polygon") return inRings(geometry.coordinates, at);
  return geometry.type === "MultiPolygon" && geometry.coordinates.some((rings) => inRings(rings, at));
}

function inRings(rings: readonly Position[][], [x, y]: LonLat): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
      const [ax = 0, ay = 0] = ring[at] as Position;
      const [bx = 0, by = 0] = ring[before] as Position;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}
