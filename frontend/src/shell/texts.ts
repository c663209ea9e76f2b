/** Texts of what all pages share: typed keys of their catalogue. `en` must have every key of `zh`, or `tsc` fails. */
import en from "@locales/en/shell.json";
import zh from "@locales/zh/shell.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";

export type Key = keyof typeof zh;

export const catalogues: Record<Lang, Record<Key, string>> = { zh, en };

export const t = translator(catalogues);
export const known = (key: string): key is Key => key in zh;
