/** Our own vector tile layer: all layers of a tile on one canvas, restyled without decoding again. */
import * as L from "leaflet";
import { isAbort } from "../shared/request";
import type { DecodedTile } from "./decode";
import { drawPass } from "./draw";
import type { Pass } from "./paint";
import { CANVAS_PX, keyOf, type Placed, pixelsOf, sourcesOf, type TileId } from "./sources";
import { TileStore } from "./tile-store";

interface Live {
  coords: TileId;
  canvas: HTMLCanvasElement;
  /** Tiles asked for, by layer, query and tile; `false` while they are on the way, `true` when settled. */
  wants: Map<string, { leave: () => void; settled: boolean }>;
  done: (() => void) | null;
  failed: boolean;
}

export interface Loading {
  pending: number;
  failed: number;
}

/** Tiles drawn in one go hold the page up no longer than this. */
const PAINT_MS = 8;

const wantKey = (layer: string, query: string, id: TileId): string => `${layer}${query}/${keyOf(id)}`;

export class MvtLayer extends L.GridLayer {
  private readonly store = new TileStore();
  private readonly live = new Map<string, Live>();
  private readonly dirty = new Set<Live>();
  private frame = 0;
  private isStyled = false;
  private passesAt: (zoom: number) => Pass[] = () => [];
  /** Told whenever tiles were asked for, came or failed. */
  onLoading: (loading: Loading) => void = () => {};
  /** Told after tiles were drawn. */
  onPainted: () => void = () => {};

  constructor() {
    super({ tileSize: CANVAS_PX, updateWhenZooming: false, keepBuffer: 1, minZoom: 0, maxZoom: 19 });
    this.on("tileunload", (event: L.TileEvent) => this.unload(keyOf(event.coords)));
  }

  /** What to draw from now on; tiles at hand are drawn again, only missing ones are fetched. */
  restyle(passesAt: (zoom: number) => Pass[]): void {
    this.passesAt = passesAt;
    this.isStyled = true;
    for (const live of this.live.values()) this.fetch(live);
    this.tell();
  }

  /** Draws what is to be drawn at once: paper does not wait for the next frame. */
  drawNow(): void {
    cancelAnimationFrame(this.frame);
    this.paintDirty(Number.POSITIVE_INFINITY);
  }

  /** Fetches the tiles of a layer again, which changed. */
  reload(layer: string): void {
    this.store.forget(layer);
    for (const live of this.live.values()) this.fetch(live);
  }

  /** Tries the tiles again that failed. */
  retry(): void {
    for (const live of this.live.values()) if (live.failed) this.fetch(live);
  }

  /** The decoded tiles of a layer behind the map as it is now, each once. */
  decoded(pass: Pick<Pass, "layer" | "query" | "deepest">): { id: TileId; tile: DecodedTile }[] {
    const zoom = this._map?.getZoom();
    const seen = new Map<string, { id: TileId; tile: DecodedTile }>();
    for (const { coords } of this.live.values()) {
      if (coords.z !== zoom) continue;
      for (const id of sourcesOf(coords, pass.deepest)) {
        const tile = this.store.has(pass.layer, id, pass.query);
        if (tile) seen.set(keyOf(id), { id, tile });
      }
    }
    return [...seen.values()];
  }

  /** Whether tiles of a layer at a world pixel of the map as it is now are still on their way. */
  isPending({ layer, query, deepest }: Pick<Pass, "layer" | "query" | "deepest">, at: L.Point): boolean {
    const { x, y } = at.divideBy(CANVAS_PX).floor();
    const live = this.live.get(keyOf({ z: this._map?.getZoom() ?? 0, x, y }));
    if (!live) return false;
    return sourcesOf(live.coords, deepest).some((id) => live.wants.get(wantKey(layer, query, id))?.settled === false);
  }

  protected createTile(coords: L.Coords, done: L.DoneCallback): HTMLElement {
    const canvas = document.createElement("canvas");
    const scale = devicePixelRatio || 1;
    canvas.width = CANVAS_PX * scale;
    canvas.height = CANVAS_PX * scale;
    const live: Live = {
      coords: { x: coords.x, y: coords.y, z: coords.z },
      canvas,
      wants: new Map(),
      done: () => done(undefined, canvas),
      failed: false,
    };
    this.live.set(keyOf(coords), live);
    // Leaflet knows the tile only after createTile returned
    queueMicrotask(() => this.fetch(live));
    return canvas;
  }

  private unload(key: string): void {
    const live = this.live.get(key);
    if (!live) return;
    this.live.delete(key);
    this.dirty.delete(live);
    for (const { leave } of live.wants.values()) leave();
    this.tell();
  }

  private fetch(live: Live): void {
    if (!this.live.has(keyOf(live.coords))) return;
    const before = live.wants;
    live.wants = new Map();
    live.failed = false;
    for (const { layer, query, deepest } of this.passesAt(live.coords.z)) {
      for (const id of sourcesOf(live.coords, deepest)) this.want(live, before, layer, id, query);
    }
    for (const [key, { leave }] of before) if (!live.wants.has(key)) leave();
    this.touch(live);
    this.tell();
  }

  private want(live: Live, before: Live["wants"], layer: string, id: TileId, query: string): void {
    const key = wantKey(layer, query, id);
    if (live.wants.has(key)) return;
    const known = before.get(key);
    if (known && !(known.settled && this.store.has(layer, id, query) === null)) {
      live.wants.set(key, known);
      return;
    }
    known?.leave();
    const { tile, leave } = this.store.want(layer, id, query);
    const want = { leave, settled: false };
    live.wants.set(key, want);
    const settle = (failed: boolean) => {
      want.settled = true;
      if (live.wants.get(key) !== want) return;
      live.failed ||= failed;
      this.touch(live);
      this.tell();
    };
    tile.then(
      () => settle(false),
      (error) => settle(!isAbort(error)),
    );
  }

  private touch(live: Live): void {
    this.dirty.add(live);
    this.getContainer()?.setAttribute("aria-busy", "true");
    if (!this.frame) this.frame = requestAnimationFrame(() => this.paintDirty(PAINT_MS));
  }

  /** Draws tiles until the time of a frame is used up; the others follow in the next frames. */
  private paintDirty(milliseconds: number): void {
    this.frame = 0;
    const until = performance.now() + milliseconds;
    for (const live of this.dirty) {
      if (performance.now() > until) break;
      this.dirty.delete(live);
      this.paint(live);
    }
    if (this.dirty.size > 0) this.frame = requestAnimationFrame(() => this.paintDirty(PAINT_MS));
    else {
      this.getContainer()?.removeAttribute("aria-busy");
      this.onPainted();
    }
  }

  private paint(live: Live): void {
    const context = live.canvas.getContext("2d");
    if (!context) return;
    const scale = live.canvas.width / CANVAS_PX;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, CANVAS_PX, CANVAS_PX);
    const ground = { context, zoom: live.coords.z, scale };
    for (const pass of this.passesAt(live.coords.z)) {
      context.save();
      if (pass.span) {
        const [from, to] = pixelsOf(pass.span, live.coords);
        context.beginPath();
        context.rect(from, 0, to - from, CANVAS_PX);
        context.clip();
      }
      for (const placed of sourcesOf(live.coords, pass.deepest) as Placed[]) {
        const tile = this.store.has(pass.layer, placed, pass.query);
        if (tile) drawPass(ground, pass, tile, placed);
      }
      context.restore();
    }
    live.done?.();
    live.done = null;
  }

  private tell(): void {
    if (!this.isStyled) return;
    let pending = 0;
    let failed = 0;
    for (const live of this.live.values()) {
      if (live.failed) failed++;
      for (const { settled } of live.wants.values()) if (!settled) pending++;
    }
    this.onLoading({ pending, failed });
  }
}
