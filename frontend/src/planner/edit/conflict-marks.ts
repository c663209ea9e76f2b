/** Both shapes of a conflict on the map, told apart by line and word. */
import { computed } from "@preact/signals";
import type { EditMark } from "../../map/edit";
import * as session from "./session";
import { t } from "./texts";

/** Whether both the shapes are there and differ. */
export const isShapeContested = computed(
  () =>
    session.conflict.value !== null &&
    session.isReshaped.value &&
    JSON.stringify(session.geometryNow.value) !== JSON.stringify(session.conflict.value.geometry),
);

export const conflictMarks = computed<EditMark[]>(() => {
  const theirs = session.conflict.value?.geometry;
  const mine = session.geometryNow.value;
  const marks: EditMark[] = [];
  if (theirs) marks.push({ geometry: theirs, style: "theirs", label: t("edit.conflict.theirs") });
  if (mine && isShapeContested.value) marks.push({ geometry: mine, style: "mine", label: t("edit.conflict.mine") });
  return marks;
});
