/** What a right is called. */
import en from "@locales/en/rights.json";
import zh from "@locales/zh/rights.json";
import { lang } from "../shared/lang";

export function storyName(story: string): string {
  const texts: Record<string, string> = lang.value === "zh" ? zh : en;
  return texts[`right.${story}`] ?? story;
}
