/** Circles, routes and marks of an answer, drawn over the map. */
import type { Feature, Geometry } from "geojson";
import * as L from "leaflet";
import type { CircleProperties, Circles, Explanation, LonLat } from "../shared/api";
import { metresBetween } from "./overlay";
import { svgPath } from "./shapes";
import type { StyleSheet, SymbolStyle } from "./style";

const pathOf = (symbol: SymbolStyle): L.PathOptions => ({
  color: symbol.stroke ?? undefined,
  stroke: symbol.stroke !== null,
  weight: symbol.width_px,
  dashArray: symbol.dash.join(" "),
  fill: symbol.fill !== null,
  fillColor: symbol.fill ?? undefined,
  fillOpacity: symbol.fill_opacity,
  interactive: false,
});

const latLng = ([lon, lat]: LonLat): L.LatLngTuple => [lat, lon];

function mark(at: LonLat, symbol: SymbolStyle): L.Marker {
  const radius = symbol.radius_px;
  const half = radius * 1.3 + symbol.width_px;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `${-half} ${-half} ${half * 2} ${half * 2}`);
  svg.setAttribute("width", String(half * 2));
  svg.setAttribute("height", String(half * 2));
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", svgPath(symbol.shape, radius));
  path.setAttribute("fill", symbol.fill ?? "none");
  path.setAttribute("stroke", symbol.stroke ?? "none");
  path.setAttribute("stroke-width", String(symbol.width_px));
  svg.append(path);
  const icon = L.divIcon({ html: svg as unknown as HTMLElement, className: "mark", iconSize: [half * 2, half * 2] });
  return L.marker(latLng(at), { icon, interactive: false, keyboard: false });
}

const ORDER = { circle: 0, paper: 1, streets: 2, snap: 3 } as const;

/** Three circles from large to small, the paper circle dashed beside each, reached streets and the snap point. */
export function circleShapes(sheet: StyleSheet, circles: Circles, from: readonly LonLat[]): L.LayerGroup {
  const group = L.layerGroup();
  const drawn = circles.features.filter(({ properties }) => properties.kind === "circle");
  // where nobody can step onto a street there is no walk to hold a circle on paper against
  if (!circles.features.some(({ properties }) => properties.kind === "snap")) return group;
  const limits = [...new Set(drawn.map(limitOf))].sort((a, b) => a - b);
  const sorted = [...circles.features].sort(
    (a, b) => ORDER[a.properties.kind] - ORDER[b.properties.kind] || limitOf(b) - limitOf(a),
  );
  for (const feature of sorted) {
    const symbol = circleSymbol(sheet, feature, limits);
    // the longest walk's streets hold those of the shorter ones
    if (!symbol || (feature.properties.kind === "streets" && limitOf(feature) !== limits[limits.length - 1])) continue;
    if (feature.properties.kind !== "snap") L.geoJSON(feature, { style: () => pathOf(symbol) }).addTo(group);
    else if (feature.geometry.type === "Point") {
      const snap = feature.geometry.coordinates as LonLat;
      L.polyline([latLng(nearestOf(from, snap)), latLng(snap)], {
        ...pathOf(symbol),
        fill: false,
        dashArray: "2 4",
        weight: 2,
      }).addTo(group);
      mark(snap, symbol).addTo(group);
    }
  }
  const origin = sheet.marks.origin?.symbol;
  if (origin) for (const at of from) mark(at, origin).addTo(group);
  return group;
}

const nearestOf = (places: readonly LonLat[], to: LonLat): LonLat =>
  places.reduce((best, one) => (metresBetween(one, to) < metresBetween(best, to) ? one : best), places[0] ?? to);

const limitOf = (feature: Feature<Geometry, CircleProperties>): number => feature.properties.limit_m ?? 0;

function circleSymbol(
  sheet: StyleSheet,
  feature: Feature<Geometry, CircleProperties>,
  limits: readonly number[],
): SymbolStyle | null {
  const { kind } = feature.properties;
  if (kind === "circle") return sheet.circles[limits.indexOf(limitOf(feature)) % sheet.circles.length]?.symbol ?? null;
  const symbol = sheet.marks[kind]?.symbol ?? null;
  return symbol && kind === "streets" ? { ...symbol, width_px: 1, dash: [] } : symbol;
}

/** What is written beside the ends of a route. */
export interface RouteTexts {
  home: string;
  facility: string;
}

/** The home in the colour and shape of its state, its access leg, the way to the deciding facility and the facility. */
export function routeShapes(sheet: StyleSheet, found: Explanation, said?: RouteTexts): L.LayerGroup {
  const group = L.layerGroup();
  const { route, target, snap } = sheet.marks;
  const home: LonLat = [found.building.lon, found.building.lat];
  if (found.route && route) {
    const casing = { ...route.symbol, stroke: "#ffffff", width_px: route.symbol.width_px + 4, dash: [] };
    L.geoJSON(found.route, { style: () => pathOf(casing) }).addTo(group);
    L.geoJSON(found.route, { style: () => pathOf(route.symbol) }).addTo(group);
  }
  if (found.snap && snap) {
    const at: LonLat = [found.snap.lon, found.snap.lat];
    L.polyline([latLng(home), latLng(at)], { ...pathOf(snap.symbol), fill: false, dashArray: "2 4" }).addTo(group);
    mark(at, snap.symbol).addTo(group);
  }
  if (found.facility && target) {
    const at: LonLat = [found.facility.lon, found.facility.lat];
    mark(at, target.symbol).addTo(group);
    if (said) text(at, said.facility).addTo(group);
  }
  const state = sheet.coverage.states.find(({ code }) => code === found.state)?.symbol;
  if (state) mark(home, { ...state, radius_px: 9, fill_opacity: 1, width_px: 2 }).addTo(group);
  if (said) text(home, said.home).addTo(group);
  return group;
}

/** A line of text right above a place. */
function text(at: LonLat, said: string): L.Marker {
  const line = document.createElement("span");
  line.textContent = said;
  const icon = L.divIcon({ html: line, className: "map-text", iconSize: [0, 0] });
  return L.marker(latLng(at), { icon, interactive: false, keyboard: false });
}
