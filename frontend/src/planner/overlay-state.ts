/** What an open analysis puts on the map, and what it waits for the map to tell. */
import { signal } from "@preact/signals";
import type { TileFeature } from "../map/decode";
import type { OverlayShape } from "../map/overlay";
import type { FiguresPaint } from "../map/paint";
import type { Circles, LonLat } from "../shared/api";

/** Shapes over the map and what follows from a click on one. */
export interface Overlay {
  shapes: readonly OverlayShape[];
  onPick: (key: string, byKeyboard: boolean) => void;
}

/** The next click is wanted as a place (or a drag as a rectangle), or as a thing of one layer. */
export type Picking =
  | { kind: "place"; take: (at: LonLat) => void; box?: (from: LonLat, to: LonLat) => void }
  | { kind: "feature"; layers: readonly string[]; take: (feature: TileFeature) => void };

export const overlay = signal<Overlay | null>(null);
export const figures = signal<FiguresPaint | null>(null);
/** Whether the figures are of the question before, the answer being computed. */
export const isToolStale = signal(false);
/** A second result shown east of a line. */
export interface Beside {
  figures: FiguresPaint;
  fraction: number;
  onSwipe: (fraction: number) => void;
}
export const beside = signal<Beside | null>(null);
export const picking = signal<Picking | null>(null);

/** Service circles and the places they are around. */
export interface CirclesFrom {
  circles: Circles;
  from: readonly LonLat[];
}
export const toolCircles = signal<CirclesFrom | null>(null);

/** Takes everything of an analysis off the map. */
export function clearOverlay(): void {
  overlay.value = null;
  figures.value = null;
  isToolStale.value = false;
  beside.value = null;
  picking.value = null;
  toolCircles.value = null;
}
