/** Texts of the ways into the editor; its own come with it. */
import en from "@locales/en/edit_ways.json";
import zh from "@locales/zh/edit_ways.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";

export type Key = keyof typeof zh;

export const catalogues: Record<Lang, Record<Key, string>> = { zh, en };

export const tWays = translator(catalogues);
