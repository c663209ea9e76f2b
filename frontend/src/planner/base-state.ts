/** The base map from outside that is chosen, and the one that did not come. */
import { batch, computed, signal } from "@preact/signals";
import { summary } from "../data/catalogue";
import type { BaseMap } from "../shared/api";
import * as state from "./state";

/** Our own base; over a map from outside it would hide it. */
export const OWN: readonly string[] = ["green_spaces", "barriers", "ways"];

/** What the address names, where the office has set it. */
export const baseMap = computed<BaseMap | null>(
  () => summary.value?.base_maps.find(({ code }) => code === state.base.value?.code) ?? null,
);
export const lostBase = signal<BaseMap | null>(null);

/** Takes a base map, or with null our own data alone; our own base is switched off and on with it. */
export function chooseBase(code: string | null): void {
  batch(() => {
    lostBase.value = null;
    const others = (state.shown.peek() ?? []).filter((name) => !OWN.includes(name));
    if (code === null || state.base.peek() === null) state.shown.value = code === null ? [...others, ...OWN] : others;
    state.base.value = code === null ? null : { code, strength: state.base.peek()?.strength ?? 100 };
  });
}

export function loseBase(): void {
  const gone = baseMap.peek();
  batch(() => {
    chooseBase(null);
    lostBase.value = gone;
  });
}
