/** Brings a stored thing into view and opens it. */
import { feature, loadFeature } from "../data/features";
import type { LayerFeature } from "../shared/api";
import { boundsOf } from "../shared/bounds";
import { ready } from "../shared/loadable";
import { request } from "../shared/request";
import * as state from "./state";

export async function focusOn(layer: string, code: string): Promise<void> {
  state.select({ kind: "feature", layer, code });
  await loadFeature(layer, code);
  const found = ready(feature.state.peek());
  const bounds = found?.geometry && boundsOf(found.geometry);
  if (bounds) state.focus.value = bounds;
}

/** Brings a stored thing into view and leaves open what is open. */
export async function focusQuietly(layer: string, code: string): Promise<void> {
  const found = await request<LayerFeature>(`/api/${layer}/${encodeURIComponent(code)}`).catch(() => null);
  const bounds = found?.geometry && boundsOf(found.geometry);
  if (bounds) state.focus.value = bounds;
}
