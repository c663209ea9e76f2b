/** Texts by typed keys from the two catalogues of a page. */
import { type Lang, lang } from "../shared/lang";

const FACT = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;

/** The text of a key with `{facts}` filled in, `{count|row|rows}` by the number; a missing fact stays visible. */
export function translator<K extends string>(catalogues: Record<Lang, Record<K, string>>) {
  return (key: K, facts: Record<string, string | number> = {}): string =>
    catalogues[lang.value][key].replace(FACT, (whole, name: string, one?: string, many?: string) => {
      const fact = String(facts[name] ?? whole);
      return one === undefined || many === undefined || fact === whole ? fact : fact === "1" ? one : many;
    });
}
