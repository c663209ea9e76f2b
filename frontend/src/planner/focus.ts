/** Brings a stored thing into view and opens it. */
import { feature, loadFeature } from "../data/features";
import { boundsOf } from "../shared/bounds";
import { ready } from "../shared/loadable";
import * as state from "./state";

export async function focusOn(layer: string, code: string): Promise<void> {
  state.select({ kind: "feature", layer, code });
  await loadFeature(layer, code);
  const found = ready(feature.state.peek());
  const bounds = found?.geometry && boundsOf(found.geometry);
  if (bounds) state.focus.value = bounds;
}
