/** One stored thing with all its fields. */
import type { LayerFeature } from "../shared/api";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";

export const feature = resource<LayerFeature>();

export const loadFeature = (layer: string, code: string): Promise<void> =>
  feature.load((signal) => request<LayerFeature>(`/api/${layer}/${encodeURIComponent(code)}`, { signal }));
