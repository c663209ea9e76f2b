/** The open analysis: its part of the page is fetched when it is first opened, and leaves the map when it is closed. */
import { computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import { ready, resource } from "../shared/loadable";
import { clearOverlay } from "./overlay-state";
import * as state from "./state";
import type { ToolPart } from "./tools/part";

const PARTS: Record<state.ToolName, () => Promise<{ part: ToolPart }>> = {
  gaps: () => import("./tools/gaps"),
  checklist: () => import("./tools/checklist"),
  capacity: () => import("./tools/capacity"),
  siting: () => import("./tools/siting"),
  scenario: () => import("./tools/scenario"),
  compare: () => import("./tools/compare"),
  select: () => import("./tools/select"),
  measure: () => import("./tools/measure"),
};

const opened = resource<{ name: state.ToolName; part: ToolPart }>();
export const openedPart: typeof opened.state = opened.state;

const nameNow: ReadonlySignal<state.ToolName | null> = computed(() => state.tool.value?.name ?? null);
const tries = signal(0);

/** Fetches again what did not come. */
export function fetchAgain(): void {
  tries.value++;
}

export function followTool(): void {
  effect(() => {
    tries.value;
    const name = nameNow.value;
    const part = name && PARTS[name];
    untracked(() => {
      if (part) void opened.load(async () => ({ name, part: (await part()).part }));
      else opened.clear();
    });
  });
  effect(() => {
    const found = ready(opened.state.value);
    if (!found) return;
    const stop = untracked(found.part.start);
    return () => {
      stop();
      clearOverlay();
    };
  });
}
