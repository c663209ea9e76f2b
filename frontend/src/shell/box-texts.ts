/** Texts of the boxes the head opens (help, tour, progress, areas), fetched with the first of them; its own with them. */
import en from "@locales/en/shell_boxes.json";
import zh from "@locales/zh/shell_boxes.json";
import { translator } from "../i18n/translate";
import type { Lang } from "../shared/lang";
import { catalogues as own } from "./texts";

const both = { zh: { ...own.zh, ...zh }, en: { ...own.en, ...en } };

export type Key = keyof typeof both.zh;

const catalogues: Record<Lang, Record<Key, string>> = both;

export const t = translator(catalogues);
export const known = (key: string): key is Key => key in both.zh;
