/** What is selected in: the shape as the address keeps it, the layers, what lies inside, circles asked of it. */
import { computed, effect, signal, untracked } from "@preact/signals";
import { layers, walkerOf } from "../../data/catalogue";
import { askCircles, type CirclesOf, MOST_POINTS } from "../../data/circles";
import { cornersFrom, cornersText, MOST_CORNERS, ringOf, WAYS, type Way, withinOf } from "../../data/drawn-shape";
import { type FilterOf, type Inside, inside } from "../../data/selection";
import type { LonLat } from "../../shared/api";
import { ready, resource } from "../../shared/loadable";
import { GROUPS } from "../layer-groups";
import { type CirclesFrom, picking, toolCircles } from "../overlay-state";
import * as state from "../state";
import { asked } from "./follow";
import { fetched } from "./places";

export const way = computed<Way>(() => WAYS.find((known) => known === asked("way")) ?? "polygon");
export const corners = computed(() => cornersFrom(asked("shape")));
export const isDrawing = signal(false);

const UNSELECTED: readonly string[] = ["households", "networks"];

/** Layers one can select in: those with shapes that hold something. */
export const offered = computed(() => {
  const known = GROUPS.flatMap((group) => group.layers).filter((name) => !UNSELECTED.includes(name));
  return layers.value
    .filter(({ name, geometry, count }) => known.includes(name) && geometry !== null && count > 0)
    .sort((a, b) => known.indexOf(a.name) - known.indexOf(b.name));
});

export const chosenLayers = computed(() => {
  const wanted = (asked("layers") ?? "facilities").split(",");
  return offered.value.map(({ name }) => name).filter((name) => wanted.includes(name));
});

const within = computed<string | null>(() => {
  if (way.value === "area") return asked("area");
  const ring = isDrawing.value || corners.value.length > MOST_CORNERS ? null : ringOf(way.value, corners.value);
  return ring && withinOf(ring);
});

/** The same filter for list, map and file. */
export const filters = computed<FilterOf[]>(() => {
  const where = within.value;
  if (where === null) return [];
  return chosenLayers.value.map((layer) => ({
    layer,
    within: where,
    category: layer === "facilities" ? asked("category") : null,
  }));
});

export const found = resource<Inside[]>();
export const all = computed(() => ready(found.state.value) ?? []);

/** The layer whose things are listed. */
export const listed = computed<Inside | null>(
  () => all.value.find(({ layer }) => layer === asked("list")) ?? all.value.find(({ total }) => total > 0) ?? null,
);

/** The outline of the chosen area. */
export const outline = fetched(
  computed(() => {
    const code = way.value === "area" ? asked("area") : null;
    return code ? [{ layer: "areas", code }] : [];
  }),
);

/** What circles would be asked of: the drawn points, or the selected facilities by their codes. */
export const origins = computed<{ of: CirclesOf; count: number }>(() => {
  if (way.value === "points") return { of: { points: corners.value }, count: corners.value.length };
  const facilities = all.value.find(({ layer }) => layer === "facilities");
  const known = facilities && facilities.total <= MOST_POINTS ? facilities.features : [];
  const codes = known.filter(({ geometry }) => geometry).map(({ properties }) => String(properties.code));
  return { of: { facilities: codes }, count: codes.length };
});

export const circles = resource<CirclesFrom>();

// --- drawing -------------------------------------------------------------------------------------------------------

export const keep = (next: readonly LonLat[]): void => state.ask({ shape: cornersText(next) || null, circles: null });

export function draw(isOn: boolean): void {
  isDrawing.value = isOn;
  picking.value = isOn ? { kind: "place", take: add, ...(way.peek() === "box" && { box: addBox }) } : null;
}

function addBox(from: LonLat, to: LonLat): void {
  keep([from, to]);
  draw(false);
}

export function add(at: LonLat): void {
  const now = corners.peek();
  const next = way.peek() === "box" ? [...now.slice(0, 1), at] : [...now, at];
  if (next.length > MOST_CORNERS) return;
  keep(way.peek() === "box" && now.length >= 2 ? [at] : next);
  if (way.peek() === "box" && corners.peek().length === 2) draw(false);
}

/** Takes shape, findings and circles away at once. */
export function clear(): void {
  draw(false);
  state.ask({ shape: null, area: null, circles: null, list: null });
}

export function take(next: Way): void {
  draw(false);
  state.ask({ way: next === "polygon" ? null : next, shape: null, area: null, circles: null });
}

export function toggle(layer: string): void {
  const now = chosenLayers.peek();
  const next = now.includes(layer) ? now.filter((name) => name !== layer) : [...now, layer];
  if (next.length > 0) state.ask({ layers: next.join(","), list: null, circles: null });
}

// --- what follows ----------------------------------------------------------------------------------------------------

export const followFound = (): (() => void) =>
  effect(() => {
    const wanted = filters.value;
    untracked(() => {
      if (wanted.length === 0) found.clear();
      else void found.load((signal) => Promise.all(wanted.map((one) => inside(one, signal))));
    });
  });

export const followCircles = (): (() => void) =>
  effect(() => {
    const from = asked("circles") === "1" ? origins.value : null;
    const limit = state.limitQuery.value;
    const walk = { profile: walkerOf(state.profile.value, state.band.value), at: state.time.value };
    untracked(() => {
      if (!from || from.count === 0 || from.count > MOST_POINTS) circles.clear();
      else
        void circles.load(async (signal) => {
          const found = await askCircles(from.of, limit, walk, signal);
          return { circles: found, from: found.starts };
        });
    });
  });

export const showCircles = (): (() => void) =>
  effect(() => {
    toolCircles.value = ready(circles.state.value);
  });
