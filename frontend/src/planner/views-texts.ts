/** Texts of saved views: typed keys of their catalogue. */
import en from "@locales/en/views_page.json";
import zh from "@locales/zh/views_page.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";

export const catalogues: Record<Lang, Record<keyof typeof zh, string>> = { zh, en };

export const t = translator(catalogues);
