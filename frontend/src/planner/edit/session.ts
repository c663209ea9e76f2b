/** The thing being edited: what was loaded, what the person changed, what is drawn. Panels write it, map and draft follow. */
import { batch, computed, signal } from "@preact/signals";
import { type Checked, type Form, formOf, type Properties, rowOf } from "../../data/editing";
import { me } from "../../data/me";
import {
  addedHole,
  addedPart,
  type CornerOf,
  cornersOf,
  geometryOf,
  LEAST,
  type Shape,
  type ShapeKind,
  shapeOf,
} from "../../map/edit-shape";
import type { LayerFeature, LonLat } from "../../shared/api";
import { ready, resource } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { newKey } from "../../shared/send-file";
import { editing } from "../edit-state";
import { steps } from "../tools/undo";
import { type Draft, type Drawing, draftKey, draftOf } from "./draft";
import { goNear } from "./go-to";
import { equal } from "./merging";
import { t } from "./texts";

export const opened = resource<{ form: Form; row: LayerFeature | null }>();
/** What will be saved, and what undoing goes back over. */
interface Held {
  shape: Shape | null;
  values: Properties;
  code: string;
}
const held = steps<Held>({ shape: null, values: {}, code: "" });
export const values = computed(() => held.now.value.values);
export const code = computed(() => held.now.value.code);
export const shape = computed(() => held.now.value.shape);
/** The box typed in last: what is typed there is one step. */
let typedIn = "";
const shapeBefore = signal<Shape | null>(null);
export const drawing = signal<Drawing | null>(null);
export const chosen = signal<CornerOf | null>(null);
export const dragged = signal<Shape | null>(null);
/** Corners in view that got no handle because there are too many. */
export const withoutHandle = signal(0);
export const snaps = signal(true);
export const checked = resource<Checked>();
/** The code a new thing would be given, as the check last told. */
export const suggested = signal("");
/** Whether a code was typed in place of the one suggested. */
export const isCodeTyped = signal(false);
/** The shape is another one than was checked last, and its check has not begun. */
export const isCheckDue = signal(false);
/** Why the shape that is drawn now cannot be stored, in the check's words; null where no check says so. */
export const blocked = computed<string | null>(() => {
  if (isCheckDue.value) return null;
  return ready(checked.state.value)?.problems.find(({ blocks }) => blocks)?.sentence ?? null;
});
export const isSaving = signal(false);
export const problem = signal<Problem | null>(null);
export const faults = signal<Readonly<Record<string, string>>>({});
export const conflict = signal<LayerFeature | null>(null);
/** What was done last, said until the next change. */
export const done = signal("");
export const foundDraft = signal<Draft | null>(null);
/** What went wrong with a drawn line, said where it was drawn. */
export const drawnWrong = signal("");
let onceKey = newKey();
export const keyOfNew = (): string => onceKey;

export const loaded = computed(() => ready(opened.state.value));
export const form = computed(() => loaded.value?.form ?? null);
export const row = computed(() => loaded.value?.row ?? null);

export const kindOf = (types: readonly string[]): ShapeKind[] =>
  (["Point", "Line", "Polygon"] as const).filter((kind) => types.some((type) => type.includes(kind)));

export const before = computed<Properties>(() => {
  if (row.value) return row.value.properties;
  const usual: Properties = {};
  for (const field of form.value?.fields ?? []) usual[field.name] = field.default ?? null;
  return usual;
});

export const given = (field: string): unknown => (field in values.value ? values.value[field] : before.value[field]);

/** The fields that hold something else than before. */
export const changes = computed<Properties>(() => {
  const found: Properties = {};
  for (const [field, value] of Object.entries(values.value))
    if (!equal(value, before.value[field])) found[field] = value ?? null;
  return found;
});

export const isReshaped = computed(() => shape.value !== shapeBefore.value);
export const isDirty = computed(() => {
  const isNamed = row.value === null && code.value !== "";
  const isDrawn = (drawing.value?.points.length ?? 0) > 0;
  return Object.keys(changes.value).length > 0 || isReshaped.value || isNamed || isDrawn;
});

/** One step on; typing on in the same box goes on with the step it began. */
export function step(next: Partial<Held>, box = ""): void {
  const to = { ...held.now.peek(), ...next };
  if (box && box === typedIn) held.amend(to);
  else held.set(to);
  typedIn = box;
  done.value = "";
}

/** `isTyping`: letter by letter. */
export function setValue(field: string, value: unknown, isTyping = false): void {
  batch(() => {
    step({ values: { ...values.peek(), [field]: value } }, isTyping ? `field ${field}` : "");
    if (field in faults.peek()) {
      const { [field]: _, ...others } = faults.peek();
      faults.value = others;
    }
  });
}

export function setCode(typed: string): void {
  batch(() => {
    isCodeTyped.value = true;
    step({ code: typed === suggested.peek() ? "" : typed }, "code");
  });
}

export function setShape(next: Shape | null): void {
  batch(() => {
    step({ shape: next });
    chosen.value = null;
  });
}

// --- undo: first what is being drawn, then what was drawn and filled in ----------------------------------------------

/** Corners that were taken back and can be set again. */
const unplaced = signal<readonly LonLat[]>([]);

export const canUndo = computed(() => (drawing.value ? drawing.value.points.length > 0 : held.canUndo.value));
export const canRedo = computed(() => (drawing.value ? unplaced.value.length > 0 : held.canRedo.value));

function back(move: () => void): void {
  batch(() => {
    typedIn = "";
    move();
    chosen.value = null;
    done.value = "";
    isCodeTyped.value = code.peek() !== "";
  });
}

export function undo(): void {
  if (drawing.peek()) unplace();
  else back(held.undo);
}

export function redo(): void {
  const now = drawing.peek();
  if (!now) {
    back(held.redo);
    return;
  }
  const again = unplaced.peek();
  const last = again[again.length - 1];
  if (!last) return;
  batch(() => {
    drawing.value = { ...now, points: [...now.points, last] };
    unplaced.value = again.slice(0, -1);
  });
}

/** Begins with what is stored, or with nothing; a draft that is there is offered, never taken by itself. */
export function begin(stored: LayerFeature | null): void {
  batch(() => {
    const first = shapeOf(stored?.geometry);
    held.reset({ shape: first, values: {}, code: "" });
    typedIn = "";
    suggested.value = "";
    isCodeTyped.value = false;
    unplaced.value = [];
    shapeBefore.value = first;
    drawing.value = null;
    chosen.value = null;
    dragged.value = null;
    problem.value = null;
    faults.value = {};
    conflict.value = null;
    drawnWrong.value = "";
    checked.clear();
    isCheckDue.value = false;
    onceKey = newKey();
  });
}

export const target = () => editing.peek() ?? { layer: "", code: null };

/** Under which the draft of what is edited is kept. */
export const ownKey = (): string => {
  const { layer, code: ident } = target();
  return draftKey(ready(me.state.peek())?.name ?? "", layer, ident);
};

export async function open(): Promise<void> {
  const { layer, code: ident } = target();
  done.value = "";
  foundDraft.value = null;
  begin(null);
  await opened.load(async (signal) => {
    const [wanted, stored] = await Promise.all([
      formOf(layer, signal),
      ident ? rowOf(layer, ident, signal) : Promise.resolve(null),
    ]);
    return { form: wanted, row: stored };
  });
  const stored = row.peek();
  if (!form.peek()) return;
  begin(stored);
  if (stored?.geometry) goNear(stored.geometry);
  foundDraft.value = draftOf(ownKey(), Date.now());
  const [only, ...others] = kindOf(form.peek()?.geometry ?? []);
  if (!stored && only && others.length === 0 && !foundDraft.peek()) draw("new", only);
}

/** The form in the language chosen meanwhile; what was filled in stays. */
export async function speak(): Promise<void> {
  const now = loaded.peek();
  if (!now) return;
  const wanted = await formOf(target().layer).catch(() => null);
  const known = loaded.peek();
  if (wanted && known && wanted.layer === known.form.layer)
    await opened.load(async () => ({ form: wanted, row: known.row }));
}

/** Nothing is edited any more. */
export function leave(): void {
  opened.clear();
  begin(null);
}

/** Goes on with a row as it is stored now: after saving, restoring, or taking over somebody else's changes. */
export async function goOnWith(stored: LayerFeature, said = ""): Promise<void> {
  const known = form.peek();
  if (!known) return;
  await opened.load(async () => ({ form: known, row: stored }));
  begin(stored);
  done.value = said;
}

// --- drawing -------------------------------------------------------------------------------------------------------

export function draw(purpose: Drawing["purpose"], kind: ShapeKind): void {
  batch(() => {
    drawing.value = { purpose, kind, points: [] };
    unplaced.value = [];
    chosen.value = null;
    drawnWrong.value = "";
  });
}

export const cancelDrawing = (): void => {
  drawing.value = null;
  drawnWrong.value = "";
};

/** Takes a place from the map: a corner of what is drawn. A point is whole at once. */
export function place(at: LonLat): void {
  const now = drawing.peek();
  if (!now) return;
  const last = now.points[now.points.length - 1];
  const [first] = now.points;
  const isAgain = last !== undefined && last[0] === at[0] && last[1] === at[1];
  const isClosing = first !== undefined && first[0] === at[0] && first[1] === at[1];
  // the last place again ends the line, the first one closes the ring
  if (now.points.length >= LEAST[now.kind] && (isAgain || (isClosing && now.kind === "Polygon"))) {
    finish();
    return;
  }
  if (isAgain) return;
  unplaced.value = [];
  drawing.value = { ...now, points: [...now.points, at] };
  if (now.kind === "Point") finish();
}

export function unplace(): void {
  const now = drawing.peek();
  const last = now?.points[now.points.length - 1];
  if (!now || !last) return;
  batch(() => {
    unplaced.value = [...unplaced.peek(), last];
    drawing.value = { ...now, points: now.points.slice(0, -1) };
  });
}

export const canFinish = computed(() => {
  const now = drawing.value;
  return now !== null && now.points.length >= LEAST[now.kind];
});

/** What a finished cut line is handed to. */
export const onCut: { current: (line: readonly LonLat[]) => void } = { current: () => {} };

export function finish(): void {
  const now = drawing.peek();
  if (!now || !canFinish.peek()) return;
  const known = shape.peek();
  if (now.purpose === "cut") {
    onCut.current(now.points);
    return;
  }
  const next = drawnInto(now, known);
  if (next) {
    drawing.value = null;
    setShape(next);
  } else drawnWrong.value = t("edit.hole.outside");
}

/** The shape with what was drawn; null for a hole outside of it. */
function drawnInto({ purpose, kind, points }: Drawing, known: Shape | null): Shape | null {
  if (known && purpose === "hole") return addedHole(known, points);
  return known && purpose === "part" ? addedPart(known, points) : { kind, parts: [[points]] };
}

/** The shape as it stands on the map now, what is being drawn included. */
export const shapeNow = computed<Shape | null>(() => {
  const now = drawing.value;
  if (now) return { kind: now.kind, parts: [[now.points]] };
  return dragged.value ?? shape.value;
});

export const geometryNow = computed(() => shape.value && geometryOf(shape.value));
export const cornersNow = computed(() => (shape.value ? cornersOf(shape.value) : 0));
