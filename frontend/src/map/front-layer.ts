/** One canvas over the view: marks, names, what is selected and what the pointer is on. */
import { effect } from "@preact/signals";
import * as L from "leaflet";
import { lang } from "../shared/lang";
import { scale as textScale } from "../shared/looks";
import type { TileFeature } from "./decode";
import { overlay, trace } from "./draw";
import { type Candidate, Occupied, place, turnedBox } from "./labels";
import type { MvtLayer } from "./mvt-layer";
import { type Paint, type Pass, passesFor } from "./paint";
import { patternFill } from "./patterns";
import { largestPieces, type Marker, markersOf, namesOf, PLACE_WEIGHT, worldPixel } from "./scene";
import { inkOn, tracePath } from "./shapes";
import { lighten } from "./style";

const PADDING = 0.15;
const SOON_MS = 80;
const FONT = '"Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei","PingFang SC",system-ui,sans-serif';

export interface Reference {
  layer: string;
  code: string;
}

export class FrontLayer extends L.Layer {
  private canvas!: HTMLCanvasElement;
  private origin = L.point(0, 0);
  private topLeft = L.latLng(0, 0);
  private zoom = 0;
  private markers: Marker[] = [];
  private frame = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopFollowing: (() => void) | null = null;
  private readonly widths = new Map<string, number>();
  paint: Paint | null = null;
  selected: Reference | null = null;
  hovered: Reference | null = null;
  /** Text after a name, e.g. an area's share. */
  extra: (layer: string, code: string) => string = () => "";

  constructor(
    private readonly tiles: MvtLayer,
    options: L.LayerOptions,
  ) {
    super();
    L.setOptions(this, options);
  }

  onAdd(map: L.Map): this {
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", this.getPane());
    this.canvas.style.pointerEvents = "none";
    map.on("moveend resize", this.redraw, this);
    map.on("zoomanim", this.animate, this);
    this.redraw();
    this.stopFollowing = effect(() => {
      if (textScale.value) this.schedule();
    });
    return this;
  }

  onRemove(map: L.Map): this {
    map.off("moveend resize", this.redraw, this);
    map.off("zoomanim", this.animate, this);
    this.stopFollowing?.();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.canvas.remove();
    return this;
  }

  /** Draws again with the next frame. */
  schedule(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.drawNow());
  }

  /** Draws again soon: tiles come one after the other, and names are weighed for all of them anew. */
  scheduleSoon(): void {
    if (!this.frame && !this.timer) this.timer = setTimeout(() => this.drawNow(), SOON_MS);
  }

  /** Draws at once, so that {@link markAt} knows the marks of every tile that is here. */
  drawNow(): void {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = 0;
    this.timer = undefined;
    this.redraw();
  }

  /** The topmost mark at a point of the map container. */
  markAt(point: L.Point): TileFeature | null {
    const at = point.add(this._map.getPixelBounds().min as L.Point);
    for (let place = this.markers.length - 1; place >= 0; place--) {
      const { x, y, radius, feature } = this.markers[place] as Marker;
      if (Math.hypot(x - at.x, y - at.y) <= Math.max(radius + 2, 6)) return feature;
    }
    return null;
  }

  private animate(event: L.ZoomAnimEvent): void {
    const scale = this._map.getZoomScale(event.zoom, this.zoom);
    const inner = this._map as unknown as {
      _latLngToNewLayerPoint(at: L.LatLng, zoom: number, center: L.LatLng): L.Point;
    };
    L.DomUtil.setTransform(this.canvas, inner._latLngToNewLayerPoint(this.topLeft, event.zoom, event.center), scale);
  }

  private redraw(): void {
    const map = this._map;
    if (!map) return;
    const bounds = map.getPixelBounds();
    const size = map.getSize();
    const pad = size.multiplyBy(PADDING).round();
    this.zoom = map.getZoom();
    this.origin = (bounds.min as L.Point).subtract(pad);
    this.topLeft = map.unproject(this.origin, this.zoom);
    const full = size.add(pad.multiplyBy(2));
    const scale = devicePixelRatio || 1;
    this.canvas.width = full.x * scale;
    this.canvas.height = full.y * scale;
    this.canvas.style.width = `${full.x}px`;
    this.canvas.style.height = `${full.y}px`;
    L.DomUtil.setTransform(this.canvas, map.latLngToLayerPoint(this.topLeft), 1);
    const context = this.canvas.getContext("2d");
    if (!context || !this.paint) return;
    context.setTransform(scale, 0, 0, scale, -this.origin.x * scale, -this.origin.y * scale);
    this.drawAll(context, this.paint, scale);
  }

  private drawAll(context: CanvasRenderingContext2D, paint: Paint, scale: number): void {
    const passes = passesFor(paint, this.zoom);
    const gathered = passes.map((pass) => ({ pass, pieces: largestPieces(this.tiles.decoded(pass)) }));
    const edge = paint.sheet.is_dark ? "#111111" : "#ffffff";
    this.outline(context, passes, this.hovered, paint.sheet.is_dark ? "#ffffff" : "#111111", edge, 2);
    const mark = paint.sheet.marks.selected?.symbol;
    this.outline(context, passes, this.selected, mark?.stroke ?? "#d6006d", edge, mark?.width_px ?? 3);
    this.markers = gathered.flatMap(({ pass, pieces }) => markersOf(paint, pass, pieces, this.zoom));
    this.markers.sort((a, b) => a.order - b.order);
    for (const marker of this.markers) this.drawMarker(context, marker, scale);
    const widthOf = (text: string, size: number, bold: boolean) =>
      this.measure(context, text, size * textScale.peek(), bold);
    const named = new Set<string>();
    const candidates = gathered
      .filter(({ pass }) => !named.has(pass.layer) || pass.layer === "ways")
      .flatMap(({ pass, pieces }) => {
        named.add(pass.layer);
        return namesOf(paint, pass, pieces, this.zoom, widthOf, this.extra);
      })
      .map((one) => ({ ...one, size: one.size * textScale.peek() }));
    for (const label of this.placed(candidates, (text, size, bold) => this.measure(context, text, size, bold))) {
      context.save();
      context.translate(label.x, label.y);
      context.rotate(label.angle);
      context.font = fontOf(label.size, label.bold ?? false);
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.lineJoin = "round";
      context.lineWidth = 3.5;
      context.strokeStyle = paint.sheet.is_dark ? "rgba(16,20,24,0.9)" : "rgba(255,255,255,0.92)";
      context.strokeText(label.text, 0, 0);
      context.fillStyle = paint.sheet.is_dark ? lighten(label.colour, 0.78) : label.colour;
      context.fillText(label.text, 0, 0);
      context.restore();
    }
  }

  /** Names of areas and grids go before marks, all others keep clear of them. */
  private placed(
    candidates: readonly Candidate[],
    widthOf: (text: string, size: number, bold: boolean) => number,
  ): Candidate[] {
    const inView = candidates.filter(({ x, y }) => this.contains(x, y));
    const width = ({ text, size, bold }: Candidate) => widthOf(text, size, bold ?? false);
    const occupied = new Occupied();
    const first = place(inView.filter(isOfPlace), width, occupied);
    for (const { x, y, radius, isPlain } of this.markers)
      if (!isPlain) occupied.add(turnedBox(x, y, radius * 2, radius * 2, 0));
    return [
      ...first,
      ...place(
        inView.filter((one) => !isOfPlace(one)),
        width,
        occupied,
      ),
    ];
  }

  private contains(x: number, y: number): boolean {
    const scale = devicePixelRatio || 1;
    const width = this.canvas.width / scale;
    const height = this.canvas.height / scale;
    return x > this.origin.x && y > this.origin.y && x < this.origin.x + width && y < this.origin.y + height;
  }

  private measure(context: CanvasRenderingContext2D, text: string, size: number, bold: boolean): number {
    const key = `${size}${bold}${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      context.font = fontOf(size, bold);
      width = context.measureText(text).width;
      this.widths.set(key, width);
    }
    return width;
  }

  private drawMarker(context: CanvasRenderingContext2D, marker: Marker, scale: number): void {
    const { x, y, radius, symbol, isPlain, feature } = marker;
    const isAimed = this.isReferred(this.hovered, feature) || this.isReferred(this.selected, feature);
    context.beginPath();
    tracePath(context, symbol.shape, x, y, isAimed ? radius + 2 : radius);
    context.lineJoin = "round";
    context.strokeStyle = "#ffffff";
    context.lineWidth = isPlain ? 2 : 4;
    context.stroke();
    context.fillStyle = symbol.fill ?? "#ffffff";
    context.fill();
    const pattern = isPlain ? null : patternFill(context, symbol.pattern, symbol.stroke ?? "#555555", scale);
    if (pattern) overlay(context, pattern, 0.35);
    context.strokeStyle = isAimed ? "#d6006d" : (symbol.stroke ?? "#333333");
    context.lineWidth = isAimed ? 3 : isPlain ? 0.7 : 1.2;
    context.stroke();
    const glyph = symbol.glyph?.[lang.peek()];
    if (!glyph || isPlain) return;
    context.font = fontOf(glyph.length > 1 ? radius * 1.05 : radius * 1.35, true);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = inkOn(symbol.fill ?? "#ffffff");
    context.fillText(glyph, x, y + radius * (symbol.shape === "triangle" ? 0.25 : 0.06));
  }

  private isReferred(reference: Reference | null, { layer, properties }: TileFeature): boolean {
    return reference !== null && reference.layer === layer && reference.code === String(properties.code);
  }

  private outline(
    context: CanvasRenderingContext2D,
    passes: readonly Pass[],
    reference: Reference | null,
    colour: string,
    edge: string,
    width: number,
  ): void {
    const pass = reference && passes.find(({ layer }) => layer === reference.layer);
    if (!pass) return;
    for (const { id, tile } of this.tiles.decoded(pass)) {
      const features = tile.features.filter(
        (feature) => feature.kind !== "point" && this.isReferred(reference, feature),
      );
      if (features.length === 0) continue;
      const [left, top] = worldPixel(id, 1, 0, 0, this.zoom);
      const [right] = worldPixel(id, 1, 1, 0, this.zoom);
      const size = right - left;
      context.save();
      context.beginPath();
      context.rect(left, top, size, size);
      context.clip();
      trace(context, features, tile.extent, { left, top, size });
      context.lineJoin = "round";
      context.strokeStyle = edge;
      context.lineWidth = width + 3;
      context.stroke();
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
      context.restore();
    }
  }
}

const isOfPlace = ({ weight }: Candidate) => weight >= PLACE_WEIGHT;

const fontOf = (size: number, bold: boolean) => `${bold ? "600 " : ""}${size}px ${FONT}`;
