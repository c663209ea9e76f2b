/** Texts of the base maps: typed keys of their catalogue. `en` must have every key of `zh`, or `tsc` fails. */
import en from "@locales/en/base_maps.json";
import zh from "@locales/zh/base_maps.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";

const catalogues: Record<Lang, Record<keyof typeof zh, string>> = { zh, en };

export const t = translator(catalogues);
