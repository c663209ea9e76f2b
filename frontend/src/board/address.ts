/** What one looks at, and how the address bar writes it: `#view=gaps&area=…`; defaults are left out. */
import { isLang, type Lang } from "../shared/lang";

export const VIEWS = ["overview", "gaps", "short", "matrix", "problems", "resources", "projects"] as const;
export type View = (typeof VIEWS)[number];
export const CIRCLES: readonly number[] = [5, 10, 15];
/** In place of a circle: each category within the limit of its own rule. */
export const OWN_LIMITS = 0;
/** In place of the key of a row: whichever comes first. */
export const FIRST = "first";

export interface Look {
  view: View;
  /** Code of an area or grid, null for everything. */
  area: string | null;
  /** Level the parts are listed by; null leaves it to the server. */
  by: string | null;
  category: string | null;
  circle: number;
  reason: string | null;
  binding: string | null;
  /** "1" for the projects that are overdue alone. */
  late: string | null;
  /** Weight of age bands in the ranking of gaps. */
  weights: Record<string, number>;
  /** Key of a column, with `-` downwards; null for the worst first. */
  sort: string | null;
  /** Codes of the parts of which all categories are listed, joined by commas; `*` for every part. */
  whole: string | null;
  /** Key of the row that is chosen. */
  chosen: string | null;
}

export const START: Look = {
  view: "overview",
  area: null,
  by: null,
  category: null,
  circle: 15,
  reason: null,
  binding: null,
  late: null,
  weights: {},
  sort: null,
  whole: null,
  chosen: null,
};

const TEXTS = ["area", "by", "category", "reason", "binding", "late", "sort", "whole", "chosen"] as const;

export function writeLook(look: Look, lang: Lang): string {
  const said = new URLSearchParams();
  if (look.view !== START.view) said.set("view", look.view);
  for (const name of TEXTS) if (look[name] !== null) said.set(name, look[name]);
  if (look.circle !== START.circle) said.set("circle", String(look.circle));
  const weights = writeWeights(look.weights);
  if (weights) said.set("weights", weights);
  if (lang !== "zh") said.set("lang", lang);
  const text = said.toString();
  return text ? `#${text}` : "";
}

/** The look of a hash; what is missing or wrong is the default, never an error. */
export function readLook(hash: string): { look: Look; lang: Lang | null } {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const look: Look = { ...START, weights: readWeights(said.get("weights")) };
  const view = VIEWS.find((one) => one === said.get("view"));
  if (view) look.view = view;
  for (const name of TEXTS) look[name] = said.get(name) || null;
  const circle = Number(said.get("circle"));
  if (said.get("circle") && [OWN_LIMITS, ...CIRCLES].includes(circle)) look.circle = circle;
  const lang = said.get("lang");
  return { look, lang: isLang(lang) ? lang : null };
}

/** `80_plus:2,0_2:1.5`; null without weights. */
export function writeWeights(weights: Record<string, number>): string | null {
  const parts = Object.entries(weights).map(([band, weight]) => `${band}:${weight}`);
  return parts.length ? parts.join(",") : null;
}

function readWeights(text: string | null): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const part of (text ?? "").split(",")) {
    const [band, value] = part.split(":");
    const weight = Number(value);
    if (band && value && weight >= 0 && weight <= 100) weights[band] = weight;
  }
  return weights;
}

/** Views within a limit one chooses; lists are held against the rules. */
export const hasLimit = (view: View): boolean => view === "overview" || view === "gaps";

/** What the server is asked for a look; `chosen` is the page's own. */
export const queryOf = (look: Look): Record<string, string | number | null> => ({
  area: look.area,
  by: look.view === "overview" ? look.by : null,
  category: look.category,
  circle: hasLimit(look.view) && look.circle !== START.circle ? look.circle : null,
  reason: ["gaps", "problems"].includes(look.view) ? look.reason : null,
  binding: ["short", "problems"].includes(look.view) ? look.binding : null,
  late: look.view === "projects" && look.late ? "true" : null,
  weights: ["gaps", "problems"].includes(look.view) ? writeWeights(look.weights) : null,
  sort: look.sort,
  whole: look.view === "overview" && look.category === null ? look.whole : null,
});

/** In place of codes: every part. */
export const EVERYWHERE = "*";

/** What is listed whole once a part is, or is no longer. */
export function withWhole(whole: string | null, code: string, isWhole: boolean): string | null {
  const codes = (whole ?? "").split(",").filter((one) => one && one !== code && one !== EVERYWHERE);
  return (isWhole ? [...codes, code] : codes).join(",") || null;
}

/** The order after choosing a column's head: downwards first, then upwards, then the worst first again. */
export function nextSort(sort: string | null, column: string): string | null {
  if (sort === `-${column}`) return column;
  return sort === column ? null : `-${column}`;
}
