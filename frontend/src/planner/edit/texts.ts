/** Texts of the editor: typed keys of their catalogue. `en` must have every key of `zh`, or `tsc` fails. */
import en from "@locales/en/edit.json";
import zh from "@locales/zh/edit.json";
import { translator } from "../../i18n/translate";
import type { Lang } from "../../shared/lang";

export type Key = keyof typeof zh;

export const catalogues: Record<Lang, Record<Key, string>> = { zh, en };

export const t = translator(catalogues);
