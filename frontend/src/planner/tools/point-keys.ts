/** Ctrl+Z and Ctrl+Y over points the address keeps: back to what they were before the last change, and on again. */
import { effect, type ReadonlySignal } from "@preact/signals";
import type { LonLat } from "../../shared/api";
import { undoing } from "../edit/undo-keys";
import { editing } from "../edit-state";
import { together } from "./follow";

/** `kind`: what the points are of; of another kind the steps begin anew. */
export function followPointKeys(
  points: ReadonlySignal<readonly LonLat[]>,
  keep: (next: readonly LonLat[]) => void,
  kind: () => string = () => "",
): () => void {
  let now: readonly LonLat[] = points.peek();
  let of = kind();
  let past: (readonly LonLat[])[] = [];
  let future: (readonly LonLat[])[] = [];
  const onKey = (event: KeyboardEvent) => {
    const work = editing.peek()?.work;
    const asked = work === "edit" || work === "new" ? null : undoing(event); // what is edited answers by itself
    if (!asked) return;
    event.preventDefault();
    // points an address brought have no steps: they go one by one
    const to = asked === "redo" ? future.pop() : (past.pop() ?? (now.length > 0 ? now.slice(0, -1) : undefined));
    if (!to) return;
    (asked === "redo" ? past : future).push(now);
    now = to;
    keep(to);
  };
  document.addEventListener("keydown", onKey);
  return together(
    effect(() => {
      const next = points.value;
      const wanted = kind();
      if (wanted !== of) [past, future] = [[], []];
      else if (JSON.stringify(next) !== JSON.stringify(now)) {
        past.push(now);
        future = [];
      }
      [now, of] = [next, wanted];
    }),
    () => document.removeEventListener("keydown", onKey),
  );
}
