/** The head over the map: what is chosen in it moves the map. */
import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LonLat } from "../shared/api";
import { Head as PageHead } from "../shell/head";
import type { Target } from "../shell/search-box";
import { focusOn } from "./focus";
import * as state from "./state";

export function Head() {
  useEffect(arrive, []);
  return <PageHead path="/map" isTitle area={{ code: areaLookedAt(), choose: goToArea }} onTarget={goTo} />;
}

/** The area that is chosen, as the address says it. */
function areaLookedAt(): string | null {
  const what = state.selected.value;
  return what?.kind === "feature" && ["areas", "grids"].includes(what.layer) ? what.code : null;
}

function goToArea(code: string | null, layer: "areas" | "grids"): void {
  if (code !== null) void focusOn(layer, code);
  else state.select(null);
}

function goTo(target: Target): void {
  if ("at" in target) {
    state.focus.value = [...target.at] as LonLat;
    state.select({ kind: "place", at: target.at });
    return;
  }
  const { layer, code, bounds, lon, lat } = target.thing;
  if (bounds && (bounds[0] < bounds[2] || bounds[1] < bounds[3])) state.focus.value = [...bounds];
  else if (lon !== null && lat !== null) state.focus.value = [lon, lat];
  state.select(layer === "buildings" ? { kind: "home", code } : { kind: "feature", layer, code });
}

/** An address that names an area and no place is that of the area: another page led here. */
function arrive(): (() => void) | undefined {
  const what = state.selected.peek();
  if (state.position.peek() || what?.kind !== "feature" || !["areas", "grids"].includes(what.layer)) return;
  const stop = effect(() => {
    if (!state.position.value) return;
    queueMicrotask(() => stop());
    void focusOn(what.layer, what.code);
  });
  return stop;
}
