/** Texts by typed keys from the two catalogues of a page. */
import { type Lang, lang } from "../shared/lang";

/** The text of a key with `{facts}` filled in; a missing fact stays visible. */
export function translator<K extends string>(catalogues: Record<Lang, Record<K, string>>) {
  return (key: K, facts: Record<string, string | number> = {}): string =>
    catalogues[lang.value][key].replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}
