/** The map beside the table: our own tiles below, the parts in shades or the gap zones above. No Leaflet types out. */
import type { Geometry } from "geojson";
import * as L from "leaflet";
import { attribution, createMap, FRONT_PANE, type MapTexts, toLatLngBounds, zoomControl } from "../map/create";
import { FrontLayer, type Reference } from "../map/front-layer";
import { type Loading, MvtLayer } from "../map/mvt-layer";
import { type Paint, passesFor } from "../map/paint";
import { groundAt, pick } from "../map/pick";
import { token } from "../map/tokens";
import type { Bounds } from "../shared/api";

export interface Zone {
  key: string;
  title: string;
  geometry: Geometry;
  isRanked: boolean;
}

export interface Told {
  onPlace: (layer: string, code: string) => void;
  onZone: (key: string) => void;
  onLoading: (loading: Loading) => void;
  extra: (layer: string, code: string) => string;
}

/** More zones than this lie on each other: they are drawn as outlines. */
const MANY = 25;
const MARKED: readonly string[] = ["projects", "facilities", "public_spaces"];

export class BoardMap {
  private readonly map: L.Map;
  private readonly tiles = new MvtLayer();
  private readonly front: FrontLayer;
  private readonly zones = L.layerGroup();
  private readonly credits: L.Control.Attribution;
  private readonly resized: ResizeObserver;
  private drawn = new Map<string, L.GeoJSON>();
  private zoom: L.Control.Zoom | null = null;
  private said: string[] = [];
  private wanted: Bounds | null = null;

  constructor(
    container: HTMLElement,
    private readonly told: Told,
  ) {
    this.map = createMap(container);
    this.tiles.addTo(this.map);
    this.front = new FrontLayer(this.tiles, { pane: FRONT_PANE });
    this.front.extra = told.extra;
    this.front.addTo(this.map);
    this.zones.addTo(this.map);
    this.credits = attribution(this.map);
    this.tiles.onLoading = told.onLoading;
    this.tiles.onPainted = () => this.front.scheduleSoon();
    this.map.on("click", ({ latlng }) => this.open(latlng));
    container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === container) this.open(this.map.getCenter());
    });
    this.resized = new ResizeObserver(() => {
      this.map.invalidateSize({ pan: false });
      if (this.wanted) this.fit(this.wanted);
    });
    this.resized.observe(container);
  }

  fit(bounds: Bounds): void {
    this.wanted = bounds;
    this.map.fitBounds(toLatLngBounds(bounds), { animate: false, padding: [14, 14], maxZoom: 17 });
  }

  paint(paint: Paint): void {
    this.map.getContainer().style.backgroundColor = paint.sheet.background;
    this.front.paint = paint;
    this.tiles.restyle((zoom) => passesFor(paint, zoom));
    this.front.schedule();
  }

  select(reference: Reference | null): void {
    this.front.selected = reference;
    this.front.schedule();
  }

  showZones(zones: readonly Zone[], chosen: string | null): void {
    this.zones.clearLayers();
    this.drawn = new Map();
    // the heaviest last, so that it lies on top
    for (const zone of [...zones].reverse()) {
      const shape = L.geoJSON(zone.geometry, { style: () => styleOf(zone, zone.key === chosen, zones.length > MANY) });
      const name = document.createElement("span");
      name.textContent = zone.title;
      shape.bindTooltip(name, { className: "hover-name", sticky: true, opacity: 1 });
      shape.on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        this.told.onZone(zone.key);
      });
      shape.addTo(this.zones);
      this.drawn.set(zone.key, shape);
    }
    const one = chosen === null ? undefined : this.drawn.get(chosen);
    one?.bringToFront();
  }

  setTexts(texts: MapTexts): void {
    this.zoom?.remove();
    this.zoom = zoomControl(this.map, texts);
    this.front.schedule();
  }

  setAttribution(lines: readonly string[]): void {
    for (const line of this.said) this.credits.removeAttribution(line);
    this.said = lines.map((line) => {
      const holder = document.createElement("span");
      holder.textContent = line;
      return holder.innerHTML;
    });
    for (const line of this.said) this.credits.addAttribution(line);
  }

  destroy(): void {
    this.resized.disconnect();
    this.map.remove();
  }

  /** A marked thing, else the area or grid that is listed: the one the page knows. */
  private open(at: L.LatLng): void {
    const { paint } = this.front;
    if (!paint) return;
    const point = this.map.latLngToContainerPoint(at);
    const { feature } = pick(this.map, this.tiles, this.front, point);
    if (feature && MARKED.includes(feature.layer)) {
      this.told.onPlace(feature.layer, String(feature.properties.code));
      return;
    }
    for (const ground of groundAt(this.map, this.tiles, paint, point))
      this.told.onPlace(ground.layer, String(ground.properties.code));
  }
}

const styleOf = (zone: Zone, isChosen: boolean, isOneOfMany: boolean): L.PathOptions => ({
  color: token(isChosen ? "--chosen" : zone.isRanked ? "--short-ink" : "--line-strong"),
  weight: isChosen ? 4 : isOneOfMany ? 1 : 1.5,
  dashArray: zone.isRanked ? "" : "4 4",
  fillColor: token(zone.isRanked ? "--short" : "--line-strong"),
  fillOpacity: isChosen ? 0.55 : isOneOfMany ? 0.03 : 0.3,
});
