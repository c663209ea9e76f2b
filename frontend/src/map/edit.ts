/** The shape being edited, its handles, what is being drawn and what it is compared with, over the map. */
import type { Geometry } from "geojson";
import * as L from "leaflet";
import type { LonLat } from "../shared/api";
import { boundsOf } from "../shared/bounds";
import {
  addedCorner,
  type Box,
  type CornerOf,
  type Handle,
  handlesIn,
  LEAST,
  movedCorner,
  type Shape,
  type ShapeKind,
} from "./edit-shape";
import type { Neighbours, Snapped } from "./edit-snap";
import { innerPlace } from "./inner-place";
import { metresBetween } from "./overlay";
import "./edit.css";

/** Told apart by dashes and a word, not by colour alone. */
export type MarkStyle = "before" | "after" | "mine" | "theirs" | "problem" | "other";

export interface EditMark {
  geometry: Geometry;
  style: MarkStyle;
  label?: string;
}

export interface EditScene {
  shape: Shape | null;
  /** Whether corners can be taken hold of. */
  isOpen: boolean;
  chosen: CornerOf | null;
  /** A ring, line or point that is not yet part of the shape. */
  drawing: { kind: ShapeKind; points: readonly LonLat[] } | null;
  marks: readonly EditMark[];
  neighbours: Neighbours | null;
  onPlace: (at: LonLat) => void;
  /** The shape as it would be while a corner is dragged, null when it is let go. */
  onDrag: (shape: Shape | null) => void;
  onShape: (shape: Shape) => void;
  onChoose: (corner: CornerOf) => void;
  /** How many corners in view got no handle. */
  onLeft: (corners: number) => void;
}

const PANE = "editing";
const SNAP_PX = 14;
const MOST_HANDLES = 240;
const APART_PX = 16;
const APART_TOUCH_PX = 30;
const IS_COARSE = matchMedia("(pointer: coarse)").matches;
const EDITED = "#b3005e";

const STYLES: Record<MarkStyle, L.PathOptions> = {
  before: { color: "#444444", weight: 3, dashArray: "8 6", fillOpacity: 0.06 },
  after: { color: "#0b5394", weight: 4, fillOpacity: 0.12 },
  mine: { color: "#0b5394", weight: 4, fillOpacity: 0.12 },
  theirs: { color: "#b35900", weight: 3, dashArray: "8 6", fillOpacity: 0.1 },
  problem: { color: "#9c2f00", weight: 4, dashArray: "2 6", fillOpacity: 0.35 },
  other: { color: "#444444", weight: 3, dashArray: "3 4", fillOpacity: 0.1 },
};

const latLng = ([lon, lat]: LonLat): L.LatLngTuple => [lat, lon];
const lonLat = (at: L.LatLng): LonLat => [Number(at.lng.toFixed(7)), Number(at.lat.toFixed(7))];
const same = (a: CornerOf | null, b: CornerOf): boolean =>
  a !== null && a.part === b.part && a.ring === b.ring && a.corner === b.corner;

/** Two shapes of one thing are named at their sides, so that what changed is not under the words. */
function labelPlace(geometry: Geometry, style: MarkStyle): LonLat {
  const bounds = style === "problem" || style === "other" ? null : boundsOf(geometry);
  if (!bounds) return innerPlace(geometry);
  const [west, south, east, north] = bounds;
  return [style === "before" || style === "theirs" ? west : east, (south + north) / 2];
}

export class EditLayer {
  private readonly ground = L.layerGroup();
  private readonly path = L.layerGroup();
  private readonly held = L.layerGroup();
  private readonly drawn = L.layerGroup();
  private readonly ring: L.CircleMarker;
  private readonly rubber: L.Polyline;
  private readonly renderer: L.SVG;
  private scene: EditScene | null = null;
  private frame = 0;
  /** A handle is pressed or dragged: what is shown meanwhile waits, so that it is not taken from under the hand. */
  private isHeld = false;
  private isLate = false;

  constructor(private readonly map: L.Map) {
    if (!map.getPane(PANE)) map.createPane(PANE).style.zIndex = "460";
    this.renderer = L.svg({ pane: PANE, padding: 0.3 });
    this.ring = L.circleMarker([0, 0], { ...this.plain(EDITED, 2), radius: 9, fill: false });
    this.rubber = L.polyline([], { ...this.plain(EDITED, 2), dashArray: "4 5", fill: false });
    for (const group of [this.ground, this.path, this.drawn, this.held]) group.addTo(map);
    map.on("moveend", () => this.showHandles());
    map.on("mousemove", (event) => this.follow(event.latlng));
    map.on("mouseout", () => this.rubber.remove());
  }

  show(scene: EditScene | null): void {
    this.scene = scene;
    this.isLate = this.isHeld;
    if (this.isHeld) return;
    this.ring.remove();
    this.rubber.remove();
    this.ground.clearLayers();
    this.drawn.clearLayers();
    this.showPath(scene?.shape ?? null);
    for (const mark of scene?.marks ?? []) this.mark(mark);
    if (scene?.drawing) this.showDrawing(scene.drawing);
    this.showHandles();
  }

  /** A place on a neighbour where one is near, else the place itself. */
  snapped(at: LonLat): LonLat {
    return this.near(at)?.at ?? at;
  }

  private near(at: LonLat): Snapped | null {
    const neighbours = this.scene?.neighbours;
    if (!neighbours) return null;
    const point = this.map.latLngToContainerPoint(latLng(at));
    const beside = this.map.containerPointToLatLng(point.add([1, 0]));
    return neighbours.nearest(at, SNAP_PX * metresBetween([beside.lng, beside.lat], at));
  }

  private plain(color: string, weight: number): L.PathOptions {
    return { color, weight, pane: PANE, renderer: this.renderer, interactive: false };
  }

  private showPath(shape: Shape | null): void {
    this.path.clearLayers();
    if (!shape || shape.kind === "Point") return;
    const style = { ...this.plain(EDITED, 3), fillOpacity: 0.12 };
    for (const rings of shape.parts) {
      const places = rings.map((ring) => ring.map(latLng));
      if (shape.kind === "Polygon") L.polygon(places, style).addTo(this.path);
      else L.polyline(places, { ...style, fill: false }).addTo(this.path);
    }
  }

  private mark({ geometry, style, label }: EditMark): void {
    const how = { ...this.plain("", 3), ...STYLES[style] };
    L.geoJSON(geometry, {
      style: () => ({ ...how, fill: /Polygon/.test(geometry.type) }),
      pointToLayer: (_, at) => L.circleMarker(at, { ...how, radius: 9, fill: style !== "before" }),
      interactive: false,
    }).addTo(this.ground);
    if (label) this.text(labelPlace(geometry, style), label, `edit-label edit-label-${style}`);
  }

  private text(at: LonLat, said: string, className: string): void {
    const line = document.createElement("span");
    line.textContent = said;
    const icon = L.divIcon({ html: line, className, iconSize: [0, 0] });
    L.marker(latLng(at), { icon, interactive: false, keyboard: false }).addTo(this.ground);
  }

  private showDrawing({ kind, points }: { kind: ShapeKind; points: readonly LonLat[] }): void {
    const places = points.map(latLng);
    const [first] = places;
    const last = places[places.length - 1];
    if (kind === "Polygon" && places.length >= LEAST.Polygon)
      L.polygon(places, { ...this.plain(EDITED, 0), stroke: false, fillOpacity: 0.15 }).addTo(this.drawn);
    L.polyline(places, this.plain(EDITED, 3)).addTo(this.drawn);
    if (kind === "Polygon" && first && last && places.length > 2)
      L.polyline([last, first], { ...this.plain(EDITED, 2), dashArray: "2 6" }).addTo(this.drawn);
    for (const place of places)
      L.circleMarker(place, { ...this.plain(EDITED, 2), radius: 5, fillColor: "#ffffff", fillOpacity: 1 }).addTo(
        this.drawn,
      );
  }

  private showHandles(): void {
    if (this.isHeld) return;
    this.held.clearLayers();
    const { scene } = this;
    if (!scene?.shape || !scene.isOpen || scene.drawing) {
      scene?.onLeft(0);
      return;
    }
    const bounds = this.map.getBounds().pad(0.05);
    const box: Box = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const perPixel = (box[2] - box[0]) / Math.max(1, this.map.getSize().x);
    const room = { most: MOST_HANDLES, apart: perPixel * (IS_COARSE ? APART_TOUCH_PX : APART_PX) };
    const { handles, left } = handlesIn(scene.shape, box, room);
    for (const handle of handles) this.handle(handle, scene, scene.shape);
    scene.onLeft(left);
  }

  private handle({ at, place, isMiddle }: Handle, scene: EditScene, shape: Shape): void {
    const isChosen = !isMiddle && same(scene.chosen, at);
    const kind = shape.kind === "Point" ? "is-point" : isMiddle ? "is-middle" : "is-corner";
    const icon = L.divIcon({
      className: `edit-handle ${kind} ${isChosen ? "is-chosen" : ""}`,
      iconSize: undefined,
    });
    const marker = L.marker(latLng(place), {
      icon,
      draggable: true,
      autoPan: true,
      keyboard: false,
      zIndexOffset: isChosen ? 2000 : isMiddle ? 0 : 1000,
    });
    const moved = (to: LonLat) => (isMiddle ? addedCorner(shape, at, to) : movedCorner(shape, at, to));
    let now: LonLat = place;
    marker.on("drag", () => {
      const wanted = lonLat(marker.getLatLng());
      const found = this.near(wanted);
      now = found?.at ?? wanted;
      if (found) {
        marker.setLatLng(latLng(now));
        this.ring.setLatLng(latLng(now)).addTo(this.map);
      } else this.ring.remove();
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => {
        const next = moved(now);
        this.showPath(next);
        scene.onDrag(next);
      });
    });
    marker.on("dragend", () => {
      cancelAnimationFrame(this.frame);
      this.isHeld = false;
      scene.onDrag(null);
      scene.onShape(moved(now));
      this.show(this.scene);
    });
    marker.on("click", () => (isMiddle ? scene.onShape(moved(place)) : scene.onChoose(at)));
    marker.addTo(this.held);
    marker.getElement()?.addEventListener("pointerdown", () => this.hold());
  }

  private hold(): void {
    this.isHeld = true;
    const letGo = () => {
      window.removeEventListener("pointerup", letGo);
      window.removeEventListener("pointercancel", letGo);
      // after the click, which belongs to the handle that was pressed; a drag ends by itself before
      setTimeout(() => {
        this.isHeld = false;
        if (this.isLate) this.show(this.scene);
      });
    };
    window.addEventListener("pointerup", letGo);
    window.addEventListener("pointercancel", letGo);
  }

  private follow(at: L.LatLng): void {
    const drawing = this.scene?.drawing;
    if (!drawing) return;
    const found = this.near(lonLat(at));
    if (found) this.ring.setLatLng(latLng(found.at)).addTo(this.map);
    else this.ring.remove();
    const last = drawing.points[drawing.points.length - 1];
    const first = drawing.points[0];
    if (!last || !first || drawing.kind === "Point") return;
    const here = latLng(found?.at ?? lonLat(at));
    const isRing = drawing.kind === "Polygon" && drawing.points.length > 1;
    this.rubber.setLatLngs(isRing ? [latLng(last), here, latLng(first)] : [latLng(last), here]).addTo(this.map);
  }
}
