/** Brings a place or shape into view. */
import type { Geometry } from "geojson";
import type { LonLat } from "../../shared/api";
import { boundsOf } from "../../shared/bounds";
import * as state from "../state";

const DEEPEST = 19;
/** Closer than this the map does not go by itself; a small shape is brought nearer to be taken hold of. */
const USUAL = 17;

/** Brings a shape into view as large as its corners need it. */
export function goNear(geometry: Geometry): void {
  const bounds = boundsOf(geometry);
  const span = bounds && Math.max(bounds[2] - bounds[0], bounds[3] - bounds[1]);
  const zoom = span ? Math.floor(Math.log2(280 / span)) : 0;
  if (!bounds || zoom <= USUAL) {
    goTo(geometry);
    return;
  }
  const [lon, lat] = [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2];
  state.position.value = { zoom: Math.min(zoom, DEEPEST), lon, lat };
}

export function goTo(what: LonLat | Geometry): void {
  if (Array.isArray(what)) {
    state.focus.value = [what[0], what[1]];
    return;
  }
  const bounds = boundsOf(what);
  if (!bounds) return;
  state.focus.value = bounds[0] === bounds[2] && bounds[1] === bounds[3] ? [bounds[0], bounds[1]] : bounds;
}
