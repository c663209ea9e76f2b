/** Texts of selecting in a shape: typed keys of its catalogue. */
import en from "@locales/en/select.json";
import zh from "@locales/zh/select.json";
import { translator } from "../../i18n/translate";
import type { Lang } from "../../shared/lang";

export const catalogues: Record<Lang, Record<keyof typeof zh, string>> = { zh, en };

export const t = translator(catalogues);
