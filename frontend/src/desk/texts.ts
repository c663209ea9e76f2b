/** Texts of the desk pages: typed keys of their catalogue. `en` must have every key of `zh`, or `tsc` fails. */
import en from "@locales/en/desk.json";
import zh from "@locales/zh/desk.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";

export type Key = keyof typeof zh;

const catalogues: Record<Lang, Record<Key, string>> = { zh, en };

export const t = translator(catalogues);
export const known = (key: string): key is Key => key in zh;

/** Several things in one line. */
export const listed = (items: string[]): string =>
  items.length ? items.reduce((first, rest) => t("desk.list", { first, rest })) : "";
