/** The two languages; the one in use is a signal that texts, numbers and requests read. */
import { signal } from "@preact/signals";

export type Lang = "zh" | "en";
export type Bilingual = Record<Lang, string>;

export const LANGS: readonly Lang[] = ["zh", "en"];
export const lang = signal<Lang>("zh");

export const isLang = (value: unknown): value is Lang => value === "zh" || value === "en";

/** The same, beginning with a capital where the language has them. */
export const title = (label: Bilingual | null | undefined): string => capital(say(label));
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The text of a label that came from the server in both languages. */
export const say = (label: Bilingual | null | undefined): string => label?.[lang.value] ?? "";

const KEPT = "lang";

/** Chooses a language and keeps it for the other pages of this browser. */
export function chooseLang(chosen: Lang): void {
  lang.value = chosen;
  try {
    window.localStorage.setItem(KEPT, chosen);
  } catch {
    // a browser that keeps nothing still speaks the chosen language on this page
  }
}

/** Takes the language chosen on another page before. */
export function rememberLang(): void {
  try {
    const kept = window.localStorage.getItem(KEPT);
    if (isLang(kept)) lang.value = kept;
  } catch {
    // nothing is kept
  }
}
