/** What is being edited, and what the editor puts on the map. The editor itself is fetched when it is first opened. */
import { batch, computed, signal } from "@preact/signals";
import { countAgain, layers } from "../data/catalogue";
import { me } from "../data/me";
import type { EditScene } from "../map/edit";
import type { LayerMeta } from "../shared/api";
import { ready } from "../shared/loadable";
import { GROUPS } from "./layer-groups";
import * as state from "./state";

const ON_MAP = new Set(GROUPS.flatMap(({ layers }) => layers));

type Work = state.Editing["work"];

export const editing = state.editing;

/** What the map shows and takes while something is edited; null leaves the map as it is. */
export const scene = signal<EditScene | null>(null);

/** Set by the open editor: whether it may be left; asks the person where something is not saved. */
export const mayLeave: { current: () => boolean } = { current: () => true };
/** The middle of the map, told by the map. */
export const centreOf: { current: () => [number, number] } = { current: () => [0, 0] };
/** Fetches the tiles of a layer again after it was changed. */
export const reloadTiles: { current: (layer: string) => void } = { current: () => {} };

/** Tells map and counts that something of a layer was changed, added or taken out of use. */
export function toldChanged(layer: string): void {
  reloadTiles.current(layer);
  void countAgain();
}

/** Layers this person may write in, here or everywhere. */
export const writable = computed<LayerMeta[]>(() => {
  const may = ready(me.state.value)?.may ?? {};
  return layers.value.filter(
    ({ editable, write_story }) => editable && write_story && (may[write_story] ?? "none") !== "none",
  );
});

export const mayWrite = (layer: string): boolean => writable.value.some(({ name }) => name === layer);

/** Whether this person may see all that is wrong with grids and areas. */
export const mayCheck = (): boolean => (ready(me.state.value)?.may.analyse ?? "none") !== "none";

/** Whether this person may see who wrote what when. */
export const mayLookBack = (): boolean => (ready(me.state.value)?.may.read_editors ?? "none") !== "none";

export function openEditing(work: Work, layer: string, code: string | null = null): void {
  if (!mayLeave.current()) return;
  batch(() => {
    editing.value = { work, layer, code };
    state.open("edit");
    if (ON_MAP.has(layer) && !state.isShown(layer)) state.toggle(layer);
  });
}

export function closeEditing(): void {
  batch(() => {
    editing.value = null;
    state.open(state.selected.peek() ? "details" : "layers");
    if (state.rightTab.peek() === "edit") state.rightTab.value = state.selected.peek() ? "details" : "results";
  });
}
