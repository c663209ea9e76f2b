/** Texts of the board: typed keys of its catalogue. `en` must have every key of `zh`, or `tsc` fails. */
import en from "@locales/en/board.json";
import zh from "@locales/zh/board.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";

export type Key = keyof typeof zh;

const catalogues: Record<Lang, Record<Key, string>> = { zh, en };

export const t = translator(catalogues);
export const known = (key: string): key is Key => key in zh;

/** The text of a key made from a code; the code itself where there is none. */
export const named = (prefix: string, code: string): string => {
  const key = `${prefix}.${code}`;
  return known(key) ? t(key) : code;
};
