/** Small parts every analysis needs while it is open. */
import { effect, untracked } from "@preact/signals";
import { doneOf, type Runner, type RunResult } from "../../data/runs";
import type { Bounds, LonLat } from "../../shared/api";
import { boundsOf } from "../../shared/bounds";
import * as state from "../state";

/** What is asked of the open analysis under a name. */
export const asked = (name: string): string | null => state.tool.value?.asked[name] ?? null;

/** Reads the run the address names unless it is the one that is shown. */
export const followRun = <T extends RunResult>(runner: Runner<T>): (() => void) =>
  effect(() => {
    const uid = asked("run");
    untracked(() => {
      if (uid && doneOf(runner.state.value)?.uid !== uid) void runner.read(uid);
      else if (!uid && runner.state.value.status !== "running") runner.clear();
    });
  });

/** Several effects ended at once. */
export const together =
  (...stops: (() => void)[]) =>
  (): void => {
    for (const stop of stops) stop();
  };

export function show(geometry: GeoJSON.Geometry | null | undefined): void {
  const bounds = geometry && boundsOf(geometry);
  if (bounds) showBounds(bounds);
}

export function showBounds(bounds: Bounds): void {
  const isPoint = bounds[0] === bounds[2] && bounds[1] === bounds[3];
  state.focus.value = isPoint ? ([bounds[0], bounds[1]] as LonLat) : [...bounds];
}

/** Closes what is told of a chosen row: whoever did so by keyboard is back at the row. */
export function leaveChosen(name: string): void {
  const row = document.querySelector(".tool tr.is-chosen");
  state.ask({ [name]: null });
  if (document.documentElement.dataset.input === "keyboard") row?.querySelector("button")?.focus();
}

/** Brings the chosen row into view after a click on the map; whoever chose by keyboard goes on there. */
export function goToChosen(byKeyboard: boolean): void {
  requestAnimationFrame(() => {
    const row = document.querySelector(".tool .is-chosen");
    row?.scrollIntoView({ block: "nearest" });
    if (byKeyboard) row?.querySelector("button")?.focus();
  });
}
