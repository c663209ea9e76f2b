/** What is edited, kept in this browser until it is saved: kept, offered again, taken up, dropped. */
import { batch, signal } from "@preact/signals";
import { layerNamed } from "../../data/catalogue";
import { type Properties, versionOf } from "../../data/editing";
import { shapeOf } from "../../map/edit-shape";
import { editing } from "../edit-state";
import { type Draft, draftOf, dropDraft, keepDraft } from "./draft";
import * as session from "./session";

export const isDraftKept = signal(true);
/** What the changed fields held when an older draft was made. */
export const baseOfDraft = signal<Properties | null>(null);

/** Keeps what is not saved in this browser; personal values are left out. */
export function keep(): void {
  if (!session.loaded.peek() || session.conflict.peek() || !editing.peek()) return;
  if (!session.isDirty.peek()) {
    if (!session.foundDraft.peek()) dropDraft(session.ownKey());
    return;
  }
  const personal = new Set(
    layerNamed(session.target().layer)?.fields.flatMap(({ key, personal }) => (personal ? [key] : [])),
  );
  const kept = Object.fromEntries(Object.entries(session.changes.peek()).filter(([field]) => !personal.has(field)));
  const stored = session.row.peek();
  const draft: Draft = {
    at: Date.now(),
    version: stored && versionOf(stored),
    code: session.code.peek(),
    values: kept,
    base: Object.fromEntries(Object.keys(kept).map((field) => [field, session.before.peek()[field] ?? null])),
  };
  if (session.isReshaped.peek()) draft.geometry = session.geometryNow.peek();
  const unfinished = session.drawing.peek();
  if (unfinished?.points.length) draft.drawing = unfinished;
  isDraftKept.value = keepDraft(session.ownKey(), draft);
}

/** Goes on with a draft. One made from an older version meets the newer one as two editors do. */
export function takeDraft(): void {
  const draft = session.foundDraft.peek();
  const stored = session.row.peek();
  if (!draft) return;
  batch(() => {
    session.foundDraft.value = null;
    const drawn = draft.geometry === undefined ? session.shape.peek() : shapeOf(draft.geometry);
    session.step({ values: draft.values, code: draft.code, shape: drawn });
    session.isCodeTyped.value = draft.code !== "";
    session.chosen.value = null;
    session.drawing.value = draft.drawing ?? null;
    if (stored && draft.version !== null && draft.version !== versionOf(stored)) {
      baseOfDraft.value = draft.base;
      session.conflict.value = stored;
    }
  });
}

/** Offers what is kept again, as after opening: what it was made from is no longer what is stored. */
export function offerDraft(): void {
  baseOfDraft.value = null;
  session.foundDraft.value = draftOf(session.ownKey(), Date.now());
}

export function refuseDraft(): void {
  session.foundDraft.value = null;
  dropDraft(session.ownKey());
}

/** Leaves what was changed; nothing of it is kept. */
export function discard(): void {
  dropDraft(session.ownKey());
  session.begin(session.row.peek());
}

export const forgetDraft = (): void => dropDraft(session.ownKey());
