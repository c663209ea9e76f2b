/** Texts for those who read only: typed keys of their catalogue. */
import en from "@locales/en/public.json";
import zh from "@locales/zh/public.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";

export const catalogues: Record<Lang, Record<keyof typeof zh, string>> = { zh, en };

export const t = translator(catalogues);
