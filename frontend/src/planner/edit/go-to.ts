/** Brings a place or shape into view. */
import type { Geometry } from "geojson";
import type { LonLat } from "../../shared/api";
import { boundsOf } from "../../shared/bounds";
import * as state from "../state";

export function goTo(what: LonLat | Geometry): void {
  if (Array.isArray(what)) {
    state.focus.value = [what[0], what[1]];
    return;
  }
  const bounds = boundsOf(what);
  if (!bounds) return;
  state.focus.value = bounds[0] === bounds[2] && bounds[1] === bounds[3] ? [bounds[0], bounds[1]] : bounds;
}
