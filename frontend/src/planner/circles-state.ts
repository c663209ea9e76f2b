/** Service circles on the map: those around the chosen place or facility, or those an open tool asked for. */
import { computed } from "@preact/signals";
import { circlesAround } from "../data/circles";
import { ready } from "../shared/loadable";
import { type CirclesFrom, toolCircles } from "./overlay-state";
import * as state from "./state";

/** A place, or a facility whose circles are asked for. */
const hasReach = (what: state.Selection | null): boolean =>
  what?.kind === "place" || (what?.kind === "feature" && what.reach === true);

export const circlesShown = computed<CirclesFrom | null>(() => {
  const what = state.selected.value;
  const found = ready(circlesAround.state.value);
  return hasReach(what) && found ? { circles: found, from: found.starts } : toolCircles.value;
});
