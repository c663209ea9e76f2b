/** The scenario being edited: its edits with undo, what is asked of it, its answer, and what the map waits for. */
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import {
  type Asked,
  type Edit,
  type EditKind,
  type Effect,
  evaluate,
  evaluateKept,
  readScenario,
  type Scenario,
} from "../../data/scenarios";
import type { LonLat } from "../../shared/api";
import { asProblem, resource } from "../../shared/loadable";
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

export const question = computed<Asked | null>(() => {
  const category = asked("category");
  if (!category) return null;
  return { category, ...walkAsked(), by: asked("by") ?? "grid" };
});

/** Whether the edits differ from those that are kept. */
export const isChanged = computed(() => JSON.stringify(edits.now.value) !== JSON.stringify(kept.value?.edits ?? []));

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

const place = (take: (at: LonLat) => void) => () => ({ kind: "place" as const, take });
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
  picking.value = { kind: "place", take: (position) => once({ edit: "facility_move", facility, position }) };
}

export function endLine(): void {
  if (line.peek().length >= 2) once({ edit: "path_add", line: [...line.peek()], step_free: true });
}

// --- what follows ----------------------------------------------------------------------------------------------------

const DRAFT = "scenario-draft";

/** What was edited last in this browser tab: the scenario it began from, of which version, and the edits. */
interface Draft {
  of: string | null;
  version: number | null;
  edits: Edit[];
}

/** Keeps what is not saved yet for a reload of the page; starts after {@link followKept}, which reads it. */
export const keepDraft = (): (() => void) =>
  effect(() => {
    const from = kept.value;
    const draft: Draft = { of: from?.uid ?? null, version: from?.version ?? null, edits: [...edits.now.value] };
    try {
      sessionStorage.setItem(DRAFT, JSON.stringify(draft));
    } catch {
      // a browser that keeps nothing still edits
    }
  });

function draftOf(uid: string | null): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null") as Draft | null;
    return draft?.of === uid && Array.isArray(draft.edits) ? draft : null;
  } catch {
    return null;
  }
}

/** Reads the scenario the address names; without one, what was begun before. */
export const followKept = (): (() => void) =>
  effect(() => {
    const uid = asked("scenario");
    untracked(() => {
      loadProblem.value = null;
      if (!uid) {
        if (kept.value) edits.reset([]);
        else if (edits.now.value.length === 0) edits.reset(draftOf(null)?.edits ?? []);
        kept.value = null;
      } else if (kept.value?.uid !== uid) void load(uid, draftOf(uid));
    });
  });

async function load(uid: string, draft: Draft | null): Promise<void> {
  try {
    const found = await readScenario(uid);
    if (asked("scenario") !== uid) return;
    batch(() => {
      // a draft of an older version is refused when saved (412), and can be saved as a new one
      kept.value = draft?.version ? { ...found, version: draft.version } : found;
      edits.reset(draft?.edits ?? found.edits);
    });
    const { categories, by, ...within } = found.question;
    const named = categories?.[0] ?? found.edits.find(({ category }) => category)?.category;
    state.ask({
      ...(!asked("category") && named && { category: named }),
      ...(!asked("circle") && !asked("minutes") && questionAsked(within)),
      ...(!asked("by") && by && { by }),
    });
  } catch (error) {
    loadProblem.value = asProblem(error);
  }
}

/** Answers the edits as soon as they or the question change. */
export const followAnswer = (): (() => void) =>
  effect(() => {
    const now = edits.now.value;
    const wanted = question.value;
    untracked(() => {
      if (wanted && now.length > 0) void answer.load((signal) => evaluate(now, wanted, signal));
      else answer.clear();
    });
  });

export const followShown = (): (() => void) =>
  effect(() => {
    const now = answer.state.value;
    if (now.status === "ready") shown.value = now.value;
    else if (now.status !== "loading") shown.value = null;
  });

/** Answers the scenario one compares with. */
export const followOther = (): (() => void) =>
  effect(() => {
    const uid = asked("compare");
    const wanted = question.value;
    untracked(() => {
      if (uid && wanted) void other.load((signal) => evaluateKept(uid, wanted, signal));
      else other.clear();
    });
  });
