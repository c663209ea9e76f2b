/** What the server knows about itself: layers, categories, profiles, circles, the summary. Loaded once. */
import { computed } from "@preact/signals";
import type { CategoryMeta, CircleMeta, LayerMeta, ProfileMeta, Summary } from "../shared/api";
import { ready, resource } from "../shared/loadable";
import { request } from "../shared/request";

interface Catalogue {
  summary: Summary;
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
    return { summary, layers, categories, profiles, circles };
  });

const known = computed(() => ready(catalogue.state.value));

export const summary = computed(() => known.value?.summary ?? null);
export const layers = computed(() => known.value?.layers ?? []);
export const categories = computed(() => known.value?.categories ?? []);
export const profiles = computed(() => known.value?.profiles ?? []);
export const circles = computed(() => known.value?.circles ?? []);

export const layerNamed = (name: string): LayerMeta | undefined => layers.value.find((layer) => layer.name === name);
export const categoryNamed = (code: string | null): CategoryMeta | undefined =>
  categories.value.find((category) => category.code === code);
export const profileNamed = (code: string): ProfileMeta | undefined =>
  profiles.value.find((profile) => profile.code === code);
