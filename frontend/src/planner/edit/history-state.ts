/** The versions of a thing, the one looked at, and what it changed on the map. */
import { computed, signal } from "@preact/signals";
import { historyOf, type Version } from "../../data/editing";
import type { EditMark } from "../../map/edit";
import { resource } from "../../shared/loadable";
import { editing } from "../edit-state";
import { t } from "./texts";

interface Listed {
  versions: readonly Version[];
  next: number | null;
}

export const versions = resource<Listed>();
export const looked = signal<number | null>(null);

export async function loadVersions(): Promise<void> {
  const now = editing.peek();
  looked.value = null;
  const code = now?.code;
  if (!now || !code) return;
  await versions.load(async (signal) => {
    const found = await historyOf(now.layer, code, null, signal);
    return { versions: found.versions, next: found.next_before ?? null };
  });
}

export async function loadOlder(): Promise<void> {
  const now = editing.peek();
  const known = versions.state.peek();
  const code = now?.code;
  if (!now || !code || known.status !== "ready" || known.value.next === null) return;
  const { versions: shown, next } = known.value;
  await versions.load(async (signal) => {
    const found = await historyOf(now.layer, code, next, signal);
    return { versions: [...shown, ...found.versions], next: found.next_before ?? null };
  });
}

export const lookedAt = computed<Version | null>(() => {
  const known = versions.state.value;
  if (known.status !== "ready") return null;
  return known.value.versions.find(({ version }) => version === looked.value) ?? null;
});

export const historyMarks = computed<EditMark[]>(() => {
  const one = lookedAt.value;
  const marks: EditMark[] = [];
  if (one?.geometry_after) marks.push({ geometry: one.geometry_after, style: "after", label: t("edit.history.after") });
  if (one?.geometry_before)
    marks.push({ geometry: one.geometry_before, style: "before", label: t("edit.history.before") });
  return marks;
});
