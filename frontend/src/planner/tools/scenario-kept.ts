/** Where the edits come from and where they stay: a kept scenario, the address, what was begun in this browser tab. */
import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { type Edit, readScenario } from "../../data/scenarios";
import { asProblem } from "../../shared/loadable";
import * as state from "../state";
import { questionAsked } from "./choices";
import { asked } from "./follow";
import { draftOf, ELSEWHERE, editsFrom, editsText, keep } from "./scenario-draft";
import { edits, isChanged, kept, loadProblem } from "./scenario-state";

/** Whether what the address names is here: before, nothing is written. */
const isRead = signal(false);
/** Whether the address stands for edits that it does not bring along. */
export const isMissing = signal(false);

/** Keeps what is not saved yet, with its steps, for a reload of the page. */
export const keepDraft = (): (() => void) =>
  effect(() => {
    if (isRead.value)
      keep({ of: kept.value?.uid ?? null, version: kept.value?.version ?? null, trail: edits.trail.value });
  });

/** Closing this analysis or opening another says nothing about edits. */
const isOpen = () => state.tool.value?.name === "scenario";

/** What the address says of the edits: nothing where they are as they are kept. */
const textNow = (): string | null => (isChanged.value ? editsText(edits.now.value) : null);

/** Writes edits that are not saved into the address, and takes over those one goes back to. */
export function followAddress(): () => void {
  const stops = [
    effect(() => {
      if (!isRead.value) return;
      const text = textNow();
      untracked(() => {
        if (isOpen() && asked("edits") !== text) state.ask({ edits: text });
      });
    }),
    effect(() => {
      const said = asked("edits");
      if (!isOpen()) return;
      untracked(() => {
        if (!isRead.value || said === textNow() || said === ELSEWHERE) return;
        goTo(editsFrom(said) ?? kept.value?.edits ?? []);
      });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    isRead.value = false;
  };
}

/** A step back or forth where that is what leads there. */
function goTo(wanted: readonly Edit[]): void {
  const { past, value, future } = edits.trail.peek();
  const isIt = (one: readonly Edit[] | undefined) => JSON.stringify(one) === JSON.stringify(wanted);
  if (isIt(value)) return;
  if (isIt(past[past.length - 1])) edits.undo();
  else if (isIt(future[future.length - 1])) edits.redo();
  else edits.set(wanted);
}

/** The kept scenario the address names, empty for a new one; null while this analysis is not open. */
const named = computed(() => (isOpen() ? (asked("scenario") ?? "") : null));

/** Reads the scenario the address names, with the edits it says; without one, what was begun before. */
export const followKept = (): (() => void) =>
  effect(() => {
    const uid = named.value;
    if (uid === null) return;
    untracked(() => {
      loadProblem.value = null;
      if (!uid) begin();
      else if (kept.value?.uid !== uid) void load(uid);
      else isRead.value = true;
    });
  });

/** A new scenario: the edits of the address, else those on the page, else those of this tab. */
function begin(): void {
  const said = asked("edits");
  const wanted = editsFrom(said);
  const draft = draftOf(null);
  batch(() => {
    const isOther = kept.value !== null;
    kept.value = null;
    isMissing.value = false;
    if (draft && (said === ELSEWHERE || !said || editsText(draft.trail.value) === said) && !isOther && isEmpty())
      edits.resume(draft.trail);
    else if (wanted) {
      if (isOther || isEmpty()) edits.reset(wanted);
      else goTo(wanted);
    } else if (isOther) edits.reset([]);
    isMissing.value = said === ELSEWHERE && isEmpty();
    isRead.value = true;
  });
}

const isEmpty = () => edits.now.peek().length === 0;

async function load(uid: string): Promise<void> {
  isRead.value = false;
  isMissing.value = false;
  try {
    const found = await readScenario(uid);
    if (asked("scenario") !== uid) return;
    const said = asked("edits");
    const wanted = editsFrom(said);
    const draft = draftOf(uid);
    batch(() => {
      if (draft && (said === ELSEWHERE || editsText(draft.trail.value) === (said ?? editsText(found.edits)))) {
        // a draft of an older version is refused when saved (412), and can be saved as a new one
        kept.value = draft.version ? { ...found, version: draft.version } : found;
        edits.resume(draft.trail);
      } else {
        kept.value = found;
        edits.reset(found.edits);
        if (wanted) edits.set(wanted);
        isMissing.value = said === ELSEWHERE;
      }
    });
    const { categories, by, ...within } = found.question;
    const named = categories?.[0] ?? found.edits.find(({ category }) => category)?.category;
    state.ask({
      ...(!asked("category") && named && { category: named }),
      ...(!asked("circle") && !asked("minutes") && questionAsked(within)),
      ...(!asked("by") && by && { by }),
    });
    isRead.value = true;
  } catch (error) {
    loadProblem.value = asProblem(error);
  }
}
