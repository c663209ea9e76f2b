/** Texts of printing: typed keys of their catalogue. `en` must have every key of `zh`, or `tsc` fails. */
import en from "@locales/en/print_page.json";
import zh from "@locales/zh/print_page.json";
import { translator } from "../i18n/translate";
import type { Lang } from "./lang";

const catalogues: Record<Lang, Record<keyof typeof zh, string>> = { zh, en };

export const t = translator(catalogues);
