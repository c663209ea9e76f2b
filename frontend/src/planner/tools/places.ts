/** Stored things an analysis points at: fetched for their outline, drawn over the map and brought into view. */
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import type { LayerFeature } from "../../shared/api";
import { request } from "../../shared/request";

const MOST = 40;

export interface Thing {
  layer: string;
  code: string;
}

/** The things as stored, as soon as they are here; those that cannot be read are left out. */
export function fetched(wanted: ReadonlySignal<readonly Thing[]>): {
  found: ReadonlySignal<readonly LayerFeature[]>;
  follow: () => () => void;
} {
  const found = signal<readonly LayerFeature[]>([]);
  const follow = () =>
    effect(() => {
      const things = wanted.value.slice(0, MOST);
      const abort = new AbortController();
      found.value = [];
      if (things.length === 0) return undefined;
      const asked = things.map(({ layer, code }) =>
        request<LayerFeature>(`/api/${layer}/${encodeURIComponent(code)}`, { signal: abort.signal }).catch(() => null),
      );
      void Promise.all(asked).then((features) => {
        if (!abort.signal.aborted) found.value = features.flatMap((feature) => (feature ? [feature] : []));
      });
      return () => abort.abort();
    });
  return { found, follow };
}
