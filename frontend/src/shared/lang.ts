/** The two languages; the one in use is a signal that texts, numbers and requests read. */
import { signal } from "@preact/signals";

export type Lang = "zh" | "en";
export type Bilingual = Record<Lang, string>;

export const LANGS: readonly Lang[] = ["zh", "en"];
export const lang = signal<Lang>("zh");

export const isLang = (value: unknown): value is Lang => value === "zh" || value === "en";

/** The text of a label that came from the server in both languages. */
export const say = (label: Bilingual | null | undefined): string => label?.[lang.value] ?? "";
