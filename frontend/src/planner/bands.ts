/** Labels of the age bands, and which of them the figures shown are of. */
import { categoryNamed } from "../data/catalogue";
import { bandsOf, SERVED } from "../data/headlines";
import { type Key, t } from "../i18n";
import { lang } from "../shared/lang";
import * as state from "./state";

const LABELS: Record<string, Key> = {
  all: "map.band.all",
  "0_2": "map.band.0_2",
  "3_5": "map.band.3_5",
  "6_11": "map.band.6_11",
  "12_14": "map.band.12_14",
  "15_59": "map.band.15_59",
  "60_64": "map.band.60_64",
  "65_79": "map.band.65_79",
  "80_plus": "map.band.80_plus",
  served: "map.band.served",
};

/** The age bands, the youngest first. */
export const BANDS: readonly string[] = Object.keys(LABELS).filter((band) => band !== "all" && band !== SERVED);

/** Choices that name no single band: a home is explained for whoever lives there. */
export const GENERAL: readonly string[] = [SERVED, "all"];

/** What may be chosen, those a category is there for first. */
export const CHOICES: readonly string[] = [SERVED, "all", ...BANDS];

/** The bands whose people are shown of a category. */
export const bandsShown = (category: string | null): readonly string[] =>
  // figures of unit grids are of everybody
  bandsOf(state.band.value, state.by.value === "unit_grid" ? [] : categoryNamed(category)?.bands);

/** The bands a category is there for. */
export const bandsServed = (category: string | null): readonly string[] =>
  bandsOf(SERVED, categoryNamed(category)?.bands);

/** Whose people are shown, where it is not everybody. */
export function bandsSaid(category: string | null): string | null {
  const bands = bandsShown(category);
  return bands.length === 1 && bands[0] === "all" ? null : bands.map(bandLabel).join(lang.value === "zh" ? "、" : ", ");
}

export const bandLabel = (band: string): string => {
  const key = LABELS[band];
  return key ? t(key) : band;
};
