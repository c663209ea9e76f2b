/** The planner's map as the panels see it: no Leaflet types in or out. */
import * as L from "leaflet";
import type { BaseMap, Bounds, Circles, Explanation, LonLat } from "../shared/api";
import type { BaseLayer } from "./base-layer";
import { attribution, createMap, FRONT_PANE, type MapTexts, toLatLngBounds, zoomControl } from "./create";
import type { TileFeature } from "./decode";
import type { TakeBox } from "./drag-box";
import type { EditLayer, EditScene } from "./edit";
import { circleShapes, type RouteTexts, routeShapes } from "./found-shapes";
import { FrontLayer, type Reference } from "./front-layer";
import { homeButton } from "./home-button";
import { type Loading, MvtLayer } from "./mvt-layer";
import { metresBetween, type OverlayShape, overlayShapes, shapeAt } from "./overlay";
import { type Paint, passesFor } from "./paint";
import { followPointer, type Pointer } from "./pointer";
import type { StyleSheet } from "./style";
import { Swipe } from "./swipe";

export interface MapPosition {
  zoom: number;
  lon: number;
  lat: number;
}

export interface Told {
  onMoved: (position: MapPosition) => void;
  onFeature: (feature: TileFeature, byKeyboard: boolean) => void;
  onPlace: (at: LonLat, byKeyboard: boolean) => void;
  /** A click or Enter before anything on the map is looked for; true where it is answered already. */
  onClaim?: (at: LonLat, shape: OverlayShape | null, byKeyboard: boolean) => boolean;
  /** The line between two results was dragged to a share of the map's width. */
  onSwipe?: (fraction: number) => void;
  onLoading: (loading: Loading) => void;
  /** The base map from outside does not come. */
  onBaseLost?: () => void;
  titleOf: (feature: TileFeature) => string;
  /** Text after a name on the map, e.g. an area's share. */
  extra: (layer: string, code: string) => string;
}

const FOCUS_ZOOM = 17;
const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;

export class PlannerMap {
  private readonly map: L.Map;
  private readonly tiles = new MvtLayer();
  private readonly front: FrontLayer;
  private readonly answers = L.layerGroup();
  private readonly over = L.layerGroup();
  private shapes: readonly OverlayShape[] = [];
  private readonly credits: L.Control.Attribution;
  private readonly pointer: Pointer;
  private readonly resized: ResizeObserver;
  private readonly swipe: Swipe;
  private painted: Paint | null = null;
  private zoom: L.Control.Zoom | null = null;
  private said: string[] = [];
  private isPlacing = false;
  private clicked: L.LatLng | null = null;
  private editor: EditLayer | null = null;
  private scene: EditScene | null = null;
  private ground: BaseLayer | null = null;
  private boxAsked: TakeBox | null = null;
  private endBox: (() => void) | null = null;
  private groundAsked: [BaseMap | null, number] = [null, 1];

  constructor(
    container: HTMLElement,
    private readonly told: Told,
  ) {
    this.map = createMap(container);
    this.tiles.addTo(this.map);
    this.front = new FrontLayer(this.tiles, { pane: FRONT_PANE });
    this.front.extra = told.extra;
    this.front.addTo(this.map);
    this.over.addTo(this.map);
    this.answers.addTo(this.map);
    this.credits = attribution(this.map);
    this.tiles.onLoading = told.onLoading;
    this.map.on("moveend", () => {
      if (!this.isPlacing) told.onMoved(this.position());
    });
    this.pointer = followPointer(this.map, this.tiles, this.front, {
      ...told,
      claim: (at, byKeyboard) => told.onClaim?.(at, this.shapeAt(at), byKeyboard) ?? false,
      shapeTitle: (at) => this.shapeAt(at)?.title ?? null,
    });
    this.tiles.onPainted = () => {
      this.front.scheduleSoon();
      this.pointer.lookAgain();
    };
    this.map.on("click", ({ latlng }) => {
      this.clicked = latlng;
    });
    this.swipe = new Swipe(
      this.map,
      (fraction) => told.onSwipe?.(fraction),
      () => this.painted && this.paint(this.painted),
    );
    window.addEventListener("beforeprint", this.drawNow);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(container);
  }

  private readonly drawNow = (): void => {
    this.tiles.drawNow();
    this.front.drawNow();
  };

  position(): MapPosition {
    const { lng, lat } = this.map.getCenter();
    return { zoom: this.map.getZoom(), lon: round(lng), lat: round(lat) };
  }

  /** What is in view. */
  bounds(): Bounds {
    const seen = this.map.getBounds();
    return [round(seen.getWest()), round(seen.getSouth()), round(seen.getEast()), round(seen.getNorth())];
  }

  /** Goes there at once; not told back as a move. */
  show(wanted: MapPosition): void {
    const now = this.position();
    if (now.zoom === wanted.zoom && now.lon === wanted.lon && now.lat === wanted.lat) return;
    this.place(() => this.map.setView([wanted.lat, wanted.lon], wanted.zoom, { animate: false }));
  }

  fit(bounds: Bounds): void {
    this.place(() => this.map.fitBounds(toLatLngBounds(bounds), { animate: false, padding: [8, 8] }));
  }

  /** Brings a box or point into view. */
  focus(target: Bounds | LonLat): void {
    if (target.length === 4) this.map.fitBounds(toLatLngBounds(target), { maxZoom: FOCUS_ZOOM, padding: [30, 30] });
    else this.map.setView([target[1], target[0]], Math.max(this.map.getZoom(), FOCUS_ZOOM));
  }

  /** Draws with other layers, styles or figures; only missing tiles are fetched. */
  paint(paint: Paint): void {
    this.map.getContainer().style.backgroundColor = paint.sheet.background;
    this.front.paint = paint;
    this.painted = paint;
    this.swipe.set(paint.beside?.fraction ?? null);
    const divide = this.swipe.share();
    this.tiles.restyle((zoom) => passesFor(paint, zoom, divide));
    this.front.schedule();
  }

  /** Lays a base map from outside under everything; null takes it away. What draws it is fetched the first time. */
  base(wanted: BaseMap | null, opacity: number): void {
    this.groundAsked = [wanted, opacity];
    if (this.ground) this.ground.show(wanted, opacity);
    else if (wanted)
      void import("./base-layer").then(({ BaseLayer }) => {
        this.ground ??= new BaseLayer(this.map, () => this.told.onBaseLost?.());
        this.ground.show(...this.groundAsked);
      });
  }

  select(reference: Reference | null): void {
    this.pointer.forget();
    this.front.selected = reference;
    this.front.schedule();
  }

  showCircles(sheet: StyleSheet, circles: Circles, from: readonly LonLat[]): void {
    circleShapes(sheet, circles, from).addTo(this.answers);
  }

  showRoute(sheet: StyleSheet, found: Explanation, said?: RouteTexts): void {
    routeShapes(sheet, found, said).addTo(this.answers);
  }

  /** Draws the shapes of an analysis in place of those before. */
  showOverlay(shapes: readonly OverlayShape[]): void {
    this.shapes = shapes;
    this.over.clearLayers();
    overlayShapes(shapes).addTo(this.over);
  }

  private shapeAt(at: LonLat): OverlayShape | null {
    if (this.shapes.length === 0) return null;
    const point = this.map.latLngToContainerPoint([at[1], at[0]]);
    const beside = this.map.containerPointToLatLng(point.add([1, 0]));
    return shapeAt(this.shapes, at, metresBetween([beside.lng, beside.lat], at));
  }

  /** What stands on both sides of the line between two results. */
  setSwipeTexts(west: string, east: string): void {
    this.swipe.setTexts(west, east);
  }

  /** Whether the pointer chooses places now, which the cursor says. */
  setPicking(isPicking: boolean): void {
    this.map.getContainer().classList.toggle("is-picking", isPicking);
  }

  /** Whether a drag draws a rectangle now, and who takes it; null for a drag that moves the map. */
  setBox(take: TakeBox | null): void {
    this.boxAsked = take;
    this.endBox?.();
    this.endBox = null;
    if (take)
      void import("./drag-box").then(({ dragBox }) => {
        if (this.boxAsked === take) this.endBox = dragBox(this.map, take);
      });
  }

  /** Shows what is edited; null ends it. What draws it is fetched the first time. */
  edit(scene: EditScene | null): void {
    this.scene = scene;
    this.pointer.rest(scene !== null);
    if (this.editor) this.editor.show(scene);
    else if (scene)
      void import("./edit").then(({ EditLayer }) => {
        this.editor ??= new EditLayer(this.map);
        this.editor.show(this.scene);
      });
  }

  /** A place on a neighbour of what is edited where one is near, else the place itself. */
  snapped(at: LonLat): LonLat {
    return this.editor?.snapped(at) ?? at;
  }

  centre(): LonLat {
    const { lng, lat } = this.map.getCenter().wrap();
    return [Number(lng.toFixed(7)), Number(lat.toFixed(7))];
  }

  /** Fetches the tiles of a layer again, which changed. */
  reload(layer: string): void {
    this.tiles.reload(layer);
  }

  clearAnswers(): void {
    this.answers.clearLayers();
  }

  retry(): void {
    this.tiles.retry();
  }

  setTexts(texts: MapTexts): void {
    this.zoom?.remove();
    this.zoom = zoomControl(this.map, texts);
    this.front.schedule();
  }

  /** The way back to one's own area beside the zoom buttons; after `setTexts`. */
  setHome(label: string, go: () => void): void {
    const bar = this.zoom?.getContainer();
    if (bar) homeButton(bar, label, go);
  }

  setAttribution(lines: readonly string[]): void {
    for (const line of this.said) this.credits.removeAttribution(line);
    this.said = lines.map(escapeHtml);
    for (const line of this.said) this.credits.addAttribution(line);
  }

  destroy(): void {
    window.removeEventListener("beforeprint", this.drawNow);
    this.resized.disconnect();
    this.pointer.stop();
    this.map.remove();
  }

  /**
   * The middle stays in the middle; only a panel that opens beside the map because of a click leaves what was clicked
   * where it is, and in view.
   */
  private resize(): void {
    const before = this.map.getCenter();
    if (!this.clicked || this.map.getContainer().clientWidth === this.map.getSize().x) {
      this.place(() => {
        this.map.invalidateSize({ pan: false });
        this.map.setView(before, this.map.getZoom(), { animate: false });
      });
    } else {
      this.map.invalidateSize({ pan: false });
      this.map.panInside(this.clicked, { padding: [80, 80] });
      this.clicked = null;
    }
  }

  private place(move: () => void): void {
    this.isPlacing = true;
    move();
    this.isPlacing = false;
  }
}

export function escapeHtml(text: string): string {
  const holder = document.createElement("span");
  holder.textContent = text;
  return holder.innerHTML;
}
