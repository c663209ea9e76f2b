/** Texts of places before and after edits: typed keys of their catalogue. */
import en from "@locales/en/scenario_places.json";
import zh from "@locales/zh/scenario_places.json";
import { translator } from "../../i18n/translate";
import type { Lang } from "../../shared/lang";

export const catalogues: Record<Lang, Record<keyof typeof zh, string>> = { zh, en };

export const t = translator(catalogues);
