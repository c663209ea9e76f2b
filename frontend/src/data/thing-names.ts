/** What things are called that a result gives by code only; asked for once each, grids all together. */
import { signal } from "@preact/signals";
import type { Feature, FeatureCollection } from "geojson";
import { request } from "../shared/request";

const names = signal<Record<string, string>>({});
const asked = new Set<string>();
const MOST = 1000;
const keyOf = (layer: string, code: string): string => `${layer}/${code}`;

const keep = (layer: string, features: readonly Feature[]): void => {
  const found = features.flatMap(({ properties }) =>
    properties?.name ? [[keyOf(layer, String(properties.code)), String(properties.name)] as const] : [],
  );
  names.value = { ...names.peek(), ...Object.fromEntries(found) };
};

/** The name of a thing, null while it is on its way or where it has none. */
export function nameOf(layer: string, code: string): string | null {
  const isListed = layer === "grids";
  const key = isListed ? layer : keyOf(layer, code);
  if (!asked.has(key)) {
    asked.add(key);
    const found = isListed
      ? request<FeatureCollection>("/api/grids", { query: { kind: "governance", limit: MOST, sort: "code" } }).then(
          ({ features }) => features,
        )
      : request<Feature>(`/api/${layer}/${encodeURIComponent(code)}`).then((one) => [one]);
    // without an answer the code stands alone
    void found.then((features) => keep(layer, features)).catch(() => {});
  }
  return names.value[keyOf(layer, code)] ?? null;
}
