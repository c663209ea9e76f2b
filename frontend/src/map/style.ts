/** The server's style sheet: how each thing is drawn, the same for browser, legend, reports and print. */
import { computed } from "@preact/signals";
import type { Bilingual } from "../shared/lang";
import { type Loadable, resource } from "../shared/loadable";
import { isDark } from "../shared/looks";
import { request } from "../shared/request";

export type Shape = "circle" | "square" | "triangle" | "diamond" | "pentagon" | "star" | "cross";
export type Pattern = "none" | "hatch" | "crosshatch" | "dots";

/** Colours `#rrggbb` or null for not drawn; widths and radii in CSS pixels. */
export interface SymbolStyle {
  fill: string | null;
  fill_opacity: number;
  stroke: string | null;
  width_px: number;
  dash: number[];
  shape: Shape;
  radius_px: number;
  glyph: Bilingual | null;
  pattern: Pattern;
  casing?: string | null;
}

export interface Rule {
  field: string;
  values: string[];
  label: Bilingual;
  symbol: SymbolStyle;
  min_zoom?: number;
  rank?: number;
}

export interface LayerStyle {
  label: Bilingual;
  geometry: string | null;
  order: number;
  min_zoom: number;
  on_at_start: boolean;
  default: { label: Bilingual; symbol: SymbolStyle };
  rules: Rule[];
}

export interface StateStyle {
  code: "covered" | "not_covered" | "unknown";
  value: number;
  label: Bilingual;
  symbol: SymbolStyle;
}

export interface ShareClass {
  from_share: number;
  to_share: number;
  fill: string;
  fill_opacity: number;
  stroke: string | null;
}

/** A change of share; one at a limit is of the class further from zero. */
export interface DifferenceClass {
  from_share: number;
  to_share: number;
  symbol: SymbolStyle;
}

export interface StyleSheet {
  version: string;
  background: string;
  /** What becomes of a colour on dark pages; of a dark sheet itself nothing. */
  dark?: Record<string, string>;
  is_dark?: boolean;
  layers: Record<string, LayerStyle>;
  coverage: {
    states: StateStyle[];
    shares: ShareClass[];
    /** From the largest loss to the largest gain, around zero. */
    differences: DifferenceClass[];
    no_data: { label: Bilingual; symbol: SymbolStyle };
    /** Where areas in the colour of their figures lie among the layers. */
    order: number;
  };
  /** Gap zones by their reason. */
  gaps: Record<string, { label: Bilingual; symbol: SymbolStyle }>;
  /** Sites and candidates by their kind. */
  sites: Record<string, { label: Bilingual; symbol: SymbolStyle }>;
  circles: { minutes: number; limit_m: number; label: Bilingual; symbol: SymbolStyle }[];
  marks: Record<string, { label: Bilingual; symbol: SymbolStyle }>;
}

const loaded = resource<StyleSheet>();

/** The sheet for the page as it is, light or dark: map, legends and tables read this one. */
export const styleSheet = {
  state: computed((): Loadable<StyleSheet> => {
    const now = loaded.state.value;
    return now.status === "ready" && isDark.value ? { status: "ready", value: darkened(now.value) } : now;
  }),
};

/** The same sheet with the colours it names for dark pages. Streets are lighter than the ground they lie on. */
export function darkened(sheet: StyleSheet): StyleSheet {
  const { dark = {}, ...light } = sheet;
  const swapped = JSON.parse(JSON.stringify(light), (_, value: unknown) =>
    typeof value === "string" ? (dark[value] ?? value) : value,
  ) as StyleSheet;
  const ways = swapped.layers.ways;
  for (const { symbol } of ways ? [ways.default, ...ways.rules] : [])
    if (symbol.dash.length === 0) symbol.casing = swapped.background;
  return { ...swapped, is_dark: true };
}

export const loadStyles = (): Promise<void> => loaded.load((signal) => request<StyleSheet>("/styles.json", { signal }));

export type Properties = Record<string, string | number | boolean>;

export const ruleFor = (style: LayerStyle, properties: Properties): Rule | undefined =>
  style.rules.find((rule) => rule.values.includes(String(properties[rule.field] ?? "")));

/** The class a share 0..1 falls into; the last class includes its upper end. */
export const classOf = (classes: readonly ShareClass[], share: number): ShareClass | undefined =>
  classes.find((entry) => share < entry.to_share) ?? classes[classes.length - 1];

const WIDTH_ZOOM = 16;

/** A line's width at a zoom: the sheet's width is that at zoom 16, growing by 1.5 a level and never below half a pixel. */
export const widthAt = (width: number, zoom: number): number =>
  Math.max(0.5, Math.min(width * 1.5 ** (zoom - WIDTH_ZOOM), width * 5));

/** `colour` mixed with white. */
export function lighten(colour: string, share: number): string {
  const channels = /^#(..)(..)(..)$/.exec(colour)?.slice(1) ?? ["80", "80", "80"];
  const mixed = channels.map((hex) => {
    const value = Number.parseInt(hex, 16);
    return Math.round(value + (255 - value) * share)
      .toString(16)
      .padStart(2, "0");
  });
  return `#${mixed.join("")}`;
}
