/** Service circles on the map: those around the chosen place, or those an open tool asked for. */
import { computed } from "@preact/signals";
import { circlesAround } from "../data/circles";
import { ready } from "../shared/loadable";
import { type CirclesFrom, toolCircles } from "./overlay-state";
import * as state from "./state";

export const circlesShown = computed<CirclesFrom | null>(() => {
  const what = state.selected.value;
  const found = ready(circlesAround.state.value);
  return what?.kind === "place" && found ? { circles: found, from: [what.at] } : toolCircles.value;
});
