/** Texts of the form of a project: typed keys of its catalogue. */
import en from "@locales/en/project.json";
import zh from "@locales/zh/project.json";
import { translator } from "../i18n/translate";
import type { Lang } from "./lang";

export const catalogues: Record<Lang, Record<keyof typeof zh, string>> = { zh, en };

export const t = translator(catalogues);
