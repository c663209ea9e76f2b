/** The scenario being edited: its edits with undo, what is asked of it, its answer, and what the map waits for. */
import { batch, computed, signal } from "@preact/signals";
import { asRead } from "../../data/readings";
import type { Parameters } from "../../data/runs";
import { ROW_KEYS, type WithPlaces } from "../../data/scenario-places";
import type { Asked, Edit, EditKind, Effect, Scenario } from "../../data/scenarios";
import type { LonLat } from "../../shared/api";
import { resource } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { picking } from "../overlay-state";
import * as state from "../state";
import { questionAsked, walkAsked } from "./choices";
import { asked } from "./follow";
import { steps } from "./undo";

export const edits = steps<readonly Edit[]>([]);
/** The kept scenario the edits began from; null for new ones. */
export const kept = signal<Scenario | null>(null);
export const loadProblem = signal<Problem | null>(null);
export const answer = resource<Effect>();
export const other = resource<Effect>();
/** The last answer, still shown while the next one is on its way. */
export const shown = signal<Effect | null>(null);
/** An answer in the reading one looks at: what is not known to be closed open, or closed. */
export const asSeen = (found: Effect): Effect => asRead(found as Effect & WithPlaces, state.ifClosed.value, ROW_KEYS);
/** What the map colours and its legend counts. */
export const seen = computed(() => shown.value && asSeen(shown.value));

export const question = computed<Asked | null>(() => {
  const category = asked("category");
  if (!category) return null;
  return { category, ...walkAsked(), by: asked("by") ?? "grid" };
});

/** Whether the edits differ from those that are kept. */
export const isChanged = computed(() => JSON.stringify(edits.now.value) !== JSON.stringify(kept.value?.edits ?? []));

/** Whether a kept scenario is asked otherwise than it was when it was kept. */
export const isAskedOtherwise = computed(() => {
  const now = question.value;
  const before = kept.value?.question;
  if (!now || !before) return false;
  const { categories, by, ...within } = before;
  const { category, by: byNow, ...withinNow } = now;
  const same = (one: Parameters, other: Parameters) =>
    JSON.stringify(questionAsked(one)) === JSON.stringify(questionAsked(other));
  return (categories != null && !categories.includes(category)) || (by ?? byNow) !== byNow || !same(within, withinNow);
});

/** Edits that were put in from elsewhere: their outcome is what one came for. */
export const isSought = signal(false);

/** Adds edits to those of a new scenario for the same category; those of any other one make room, and can be undone. */
export function put(wanted: readonly Edit[]): void {
  const category = wanted.find((edit) => edit.category)?.category;
  const now = kept.peek() ? [] : edits.now.peek();
  const isSame = now.every((edit) => !edit.category || !category || edit.category === category);
  const known = new Set((isSame ? now : []).map((edit) => JSON.stringify(edit)));
  const added = wanted.filter((edit) => !known.has(JSON.stringify(edit)));
  batch(() => {
    kept.value = null;
    isSought.value = true;
    if (added.length > 0) edits.set([...(isSame ? now : []), ...added]);
  });
}

export const add = (edit: Edit): void => edits.set([...edits.now.peek(), edit]);

// --- what the map is asked for -------------------------------------------------------------------------------------

export const mode = signal<EditKind | null>(null);
/** The facility that is being moved. */
export const moving = signal<string | null>(null);
/** The facility whose capacity is being changed, a supposed one as `new:` and its place among the edits. */
export const resizing = signal("");
/** New homes as they are typed: everybody, by age where it is known, and why they cannot be set down yet. */
export const homes = signal<{
  residents: string;
  people: Readonly<Record<string, string>>;
  refused: "missing" | "over" | null;
}>({ residents: "", people: {}, refused: null });
/** Points of the path being drawn. */
export const line = signal<readonly LonLat[]>([]);

/** Waits for clicks of a kind of edit; null waits for nothing. */
export function begin(kind: EditKind | null): void {
  mode.value = kind;
  moving.value = null;
  resizing.value = "";
  line.value = [];
  picking.value = kind && WAITS[kind]();
}

/** Degrees to the centimetre: more says nothing and makes addresses long. */
const fine = (degree: number): number => Math.round(degree * 1e7) / 1e7;

const place = (take: (at: LonLat) => void) => () => ({
  kind: "place" as const,
  take: ([lon, lat]: LonLat) => take([fine(lon), fine(lat)]),
});
const thing = (layer: string, take: (code: string) => void) => () => {
  if (!state.isShown(layer)) state.toggle(layer);
  return {
    kind: "feature" as const,
    layers: [layer],
    take: ({ properties }: { properties: Record<string, unknown> }) => take(String(properties.code)),
  };
};

/** Takes one edit and waits no longer. */
function once(edit: Edit): void {
  add(edit);
  begin(null);
}

const WAITS = {
  facility_add: place((position) => {
    const category = asked("category");
    if (category) once({ edit: "facility_add", category, position });
  }),
  facility_close: thing("facilities", (facility) => close(facility)),
  facility_move: thing("facilities", (facility) => move(facility)),
  facility_resize: thing("facilities", (facility) => {
    resizing.value = facility;
  }),
  facility_share: thing("facilities", (facility) => share(facility)),
  homes_add: place((position) => {
    const edit = homesAt(position);
    if (edit) once(edit);
  }),
  gate_open: thing("gates", (gate) => openGate(gate)),
  path_cut: place((position) => once({ edit: "path_cut", position })),
  path_add: place((at) => {
    line.value = [...line.peek(), at];
  }),
};

export const close = (facility: string): void => once({ edit: "facility_close", facility });
export const share = (facility: string): void => once({ edit: "facility_share", facility });
export const openGate = (gate: string): void => once({ edit: "gate_open", gate });

/** New homes as an edit; null, and said why, while it is not known how many live there. */
function homesAt(position: LonLat): Edit | null {
  const typed = homes.peek();
  const residents = Number(typed.residents);
  const people = Object.fromEntries(Object.entries(typed.people).map(([band, persons]) => [band, Number(persons)]));
  const banded = Object.values(people).reduce((sum, persons) => sum + persons, 0);
  const refused = residents === 0 ? "missing" : banded > residents ? "over" : null;
  homes.value = { ...typed, refused };
  if (refused) return null;
  return { edit: "homes_add", position, residents, ...(banded > 0 && { people }) };
}

/** Waits for the place the facility moves to. */
export function move(facility: string): void {
  mode.value = "facility_move";
  moving.value = facility;
  picking.value = place((position) => once({ edit: "facility_move", facility, position }))();
}

export function endLine(): void {
  if (line.peek().length >= 2) once({ edit: "path_add", line: [...line.peek()], step_free: true });
}
