/** The layers one can switch on, in groups; which are on at start says the style sheet. */
import { effect } from "@preact/signals";
import type { Key } from "../i18n";
import { sheet } from "./paint-state";
import * as state from "./state";

export const GROUPS: readonly { title: Key; layers: readonly string[] }[] = [
  {
    title: "map.group.base",
    layers: ["ways", "path_corrections", "buildings", "green_spaces", "public_spaces", "barriers"],
  },
  { title: "map.group.places", layers: ["areas", "grids", "networks"] },
  { title: "map.group.services", layers: ["facilities", "entrances", "gates"] },
  { title: "map.group.people", layers: ["households"] },
  { title: "map.group.works", layers: ["projects", "cases", "verify_tasks", "adoptions", "frontages"] },
];

export const startLayers = (): (() => void) =>
  effect(() => {
    if (!sheet.value || state.shown.value) return;
    const { layers } = sheet.value;
    const known = GROUPS.flatMap((group) => group.layers);
    state.shown.value = known.filter((name) => layers[name]?.on_at_start || name === "public_spaces");
  });
