/** What the server knows about itself: layers, categories, profiles, circles, the summary. Loaded once. */
import { computed, signal } from "@preact/signals";
import type { Bounds, CategoryMeta, CircleMeta, LayerMeta, ProfileMeta, Summary } from "../shared/api";
import type { Bilingual } from "../shared/lang";
import { ready, resource } from "../shared/loadable";
import { request } from "../shared/request";
import { startBounds } from "./start-bounds";

interface Catalogue {
  summary: Summary;
  /** Where the map begins where the address does not say; null without data. */
  start: Bounds | null;
  layers: LayerMeta[];
  categories: CategoryMeta[];
  profiles: ProfileMeta[];
  circles: CircleMeta[];
}

export const catalogue = resource<Catalogue>();

export const loadCatalogue = (): Promise<void> =>
  catalogue.load(async (signal) => {
    const [summary, layers, categories, profiles, circles] = await Promise.all([
      request<Summary>("/api/summary", { signal }),
      request<LayerMeta[]>("/api/layers", { signal }),
      request<CategoryMeta[]>("/api/categories", { signal }),
      request<ProfileMeta[]>("/api/profiles", { signal }),
      request<CircleMeta[]>("/api/circles", { signal }),
    ]);
    const start = await startBounds(summary, signal);
    return { summary, start, layers, categories, profiles, circles };
  });

/** The profile by which every age band walks by its own. */
export const BY_AGE = "by_age";
export const STANDARD = "standard";

/** The one profile by which people of an age band walk: where everybody walks by age, the band's own. */
export function walkerOf(profile: string, band: string): string {
  if (profile !== BY_AGE) return profile;
  return profileNamed(BY_AGE)?.bands?.[band] ?? STANDARD;
}

const known = computed(() => ready(catalogue.state.value));

/** The summary as it was asked for again after something was added or taken out of use. */
const fresh = signal<Summary | null>(null);
export const summary = computed(() => (known.value ? (fresh.value ?? known.value.summary) : null));

/** Counts again; where the server does not answer they stay as they were. */
export async function countAgain(): Promise<void> {
  fresh.value = await request<Summary>("/api/summary").catch(() => fresh.peek());
}
export const start = computed(() => known.value?.start ?? null);
export const layers = computed(() => known.value?.layers ?? []);
export const categories = computed(() => known.value?.categories ?? []);
export const profiles = computed(() => known.value?.profiles ?? []);
export const circles = computed(() => known.value?.circles ?? []);

export const layerNamed = (name: string): LayerMeta | undefined => layers.value.find((layer) => layer.name === name);
/** What a single thing of a layer is called. */
export const oneOf = (layer: LayerMeta | undefined): Bilingual | undefined => layer?.label_one ?? layer?.label;
export const categoryNamed = (code: string | null): CategoryMeta | undefined =>
  categories.value.find((category) => category.code === code);
export const profileNamed = (code: string): ProfileMeta | undefined =>
  profiles.value.find((profile) => profile.code === code);
