/** Texts of the map page: typed keys of the shared catalogues. `en` must have every key of `zh`, or `tsc` fails. */
import en from "@locales/en/map.json";
import zh from "@locales/zh/map.json";
import type { Lang } from "../shared/lang";
import { number } from "./format";
import { translator } from "./translate";

export { metres, moment, number, percent } from "./format";

export type Key = keyof typeof zh;

export const catalogues: Record<Lang, Record<Key, string>> = { zh, en };

export const t = translator(catalogues);

export function minutes(seconds: number): string {
  return t("map.unit.minutes", { minutes: number(seconds / 60, 1) });
}
