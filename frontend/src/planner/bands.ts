/** Labels of the age bands. */
import { type Key, t } from "../i18n";

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
};

/** The age bands, the youngest first. */
export const BANDS: readonly string[] = Object.keys(LABELS).filter((band) => band !== "all");

export const bandLabel = (band: string): string => {
  const key = LABELS[band];
  return key ? t(key) : band;
};
