/** Both shapes of a conflict on the map, told apart by line and word. */
import { computed } from "@preact/signals";
import type { EditMark } from "../../map/edit";
import * as keptDraft from "./kept-draft";
import type { Side } from "./merging";
import * as session from "./session";
import { t } from "./texts";

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** Who changed the shape: only one of the two, both to different ones; null where it is the same for both. */
export const shapeBy = computed<Side | "both" | null>(() => {
  const theirs = session.conflict.value;
  if (!theirs) return null;
  const isTheirs = keptDraft.baseOfDraft.value !== null || !same(session.row.value?.geometry, theirs.geometry);
  if (!session.isReshaped.value) return isTheirs && keptDraft.baseOfDraft.value === null ? "theirs" : null;
  if (same(session.geometryNow.value, theirs.geometry)) return null;
  return isTheirs ? "both" : "mine";
});

export const conflictMarks = computed<EditMark[]>(() => {
  const theirs = session.conflict.value?.geometry;
  const mine = session.geometryNow.value;
  const marks: EditMark[] = [];
  if (theirs) marks.push({ geometry: theirs, style: "theirs", label: t("edit.conflict.theirs") });
  const isMine = shapeBy.value === "both" || shapeBy.value === "mine";
  if (mine && isMine) marks.push({ geometry: mine, style: "mine", label: t("edit.conflict.mine") });
  return marks;
});
