/** Decides what is drawn and how: layers shown, style sheet and coverage in, drawing passes out. Pure. */
import type { TileFeature } from "./decode";
import { levelsAt } from "./levels";
import { DEEPEST, FEATURE_ZOOM, type Span } from "./sources";
import {
  classOf,
  type LayerStyle,
  lighten,
  type Properties,
  type Rule,
  ruleFor,
  type ShareClass,
  type StyleSheet,
  type SymbolStyle,
} from "./style";

/** A share covered 0..1; "unknown" where most people are; null where there are no figures. */
export type Share = number | "unknown" | null;

/** Coverage on the map: by building from the run's tiles, by area or grid from the shares of the result. */
export interface CoveragePaint {
  category: string;
  runUid: string;
  layer: "areas" | "grids" | "buildings";
  /** Share of an area or grid; undefined where it is not in the result. */
  shareOf: (code: string) => Share | undefined;
  /** Which names come first, 0 to 1; without it the least covered. */
  urgencyOf?: (code: string) => number;
}

export interface Paint {
  sheet: StyleSheet;
  shown: ReadonlySet<string>;
  /** Area levels that are stored. */
  levels: readonly string[];
  coverage: CoveragePaint | null;
  /** Figures of areas or grids that colour the map in place of coverage. */
  figures?: FiguresPaint | null;
  /** Figures drawn in place of the others east of a line at a share of the map's width. */
  beside?: { figures: FiguresPaint; fraction: number } | null;
  /** Category whose facilities stand out; that of coverage where it is not said. */
  category?: string | null;
}

/** Any figure of areas or grids, already turned into symbols. */
export interface FiguresPaint {
  layer: "areas" | "grids";
  /** Undefined where the answer does not have it. */
  symbolOf: (code: string) => SymbolStyle | undefined;
  /** The figure written after a name. */
  textOf: (code: string) => string;
}

/** Category whose facilities stand out. */
export const categoryOf = (paint: Paint): string | undefined => paint.category ?? paint.coverage?.category;

/** Layers shown by a mark in their middle, whatever their geometry. */
export const MARKED: readonly string[] = ["facilities", "entrances", "gates", "projects", "cases", "photos"];

/** One layer drawn once: which tiles it needs and the symbol of each feature, null for not drawn. */
export interface Pass {
  layer: string;
  query: string;
  deepest: number;
  order: number;
  symbolOf: (feature: TileFeature) => SymbolStyle | null;
  rank?: (feature: TileFeature) => number;
  /** Drawn only between two meridians, shares of the world's width. */
  span?: Span;
}

/** Layers that the server hands out as counts by cell at low zooms. */
export const CELL_LAYERS: readonly string[] = ["buildings", "facilities", "households"];
const CELLS_FROM_ZOOM = 9;
export const CELL_STEPS: readonly number[] = [1, 5, 20, 60, 150];

/** What is drawn at a zoom; `divide` is the meridian between figures and those beside them, a share of the world. */
export function passesFor(paint: Paint, zoom: number, divide = 1): Pass[] {
  const passes: Pass[] = [];
  for (const [name, style] of Object.entries(paint.sheet.layers)) {
    if (!isWanted(paint, name, style, zoom)) continue;
    const common = { layer: name, ...tilesOf(paint, name) };
    if (name === "ways") passes.push(...wayPasses(common, style, zoom));
    else if (name === "households") passes.push(residentCells(style));
    else passes.push({ ...common, order: style.order, symbolOf: symbolsOf(paint, name, style, zoom) });
  }
  if (paint.figures && paint.beside)
    passes.push(
      { ...figuresPass(paint, paint.figures), span: [0, divide] },
      { ...figuresPass(paint, paint.beside.figures), span: [divide, 1] },
    );
  else {
    const choropleth = paint.figures ? figuresPass(paint, paint.figures) : choroplethPass(paint);
    if (choropleth) passes.push(choropleth);
  }
  return passes.sort((a, b) => a.order - b.order);
}

const tilesOf = (paint: Paint, layer: string): { query: string; deepest: number } => ({
  query: layer === "buildings" && paint.coverage?.layer === "buildings" ? `?run=${paint.coverage.runUid}` : "",
  deepest: DEEPEST,
});

/** Residents by cell at every zoom, from the cells of buildings: households never come one by one. */
function residentCells(style: LayerStyle): Pass {
  const cells = residentSymbols(style);
  return {
    layer: "buildings",
    query: "",
    deepest: FEATURE_ZOOM - 1,
    order: style.order,
    symbolOf: ({ properties }) => cells(Number(properties.residents_persons ?? 0)),
  };
}

function isWanted(paint: Paint, name: string, style: LayerStyle, zoom: number): boolean {
  const isNeeded = paint.shown.has(name) || (name === "buildings" && paint.coverage?.layer === "buildings");
  if (!isNeeded) return false;
  return zoom >= (CELL_LAYERS.includes(name) ? CELLS_FROM_ZOOM : Math.min(style.min_zoom, FEATURE_ZOOM));
}

function symbolsOf(paint: Paint, name: string, style: LayerStyle, zoom: number): Pass["symbolOf"] {
  const cells = cellSymbols(style);
  const levels = name === "areas" ? levelsAt(zoom, paint.levels) : null;
  const byState = name === "buildings" && paint.coverage?.layer === "buildings" ? stateSymbols(paint) : null;
  const isQuiet = name === "buildings" && (paint.coverage !== null || Boolean(paint.figures));
  return ({ properties }) => {
    if (properties.count !== undefined && properties.code === undefined) return cells(Number(properties.count));
    const state = byState?.(properties);
    if (state) return state;
    if (levels && !levels.includes(String(properties.level))) return null;
    const rule = ruleFor(style, properties);
    if (hiddenBelow(name, rule) > zoom) return null;
    const symbol = rule?.symbol ?? style.default.symbol;
    return isQuiet ? quiet(paint.sheet)(symbol) : symbol;
  };
}

/** First zoom of features that only clutter smaller maps, where the sheet does not say. */
function hiddenBelow(layer: string, rule: Rule | undefined): number {
  if (rule?.min_zoom !== undefined) return rule.min_zoom;
  const value = rule?.values[0];
  if (layer === "grids" && value === "unit") return 15;
  if (layer === "barriers" && value === "wall") return 15;
  return 0;
}

const stateSymbols =
  (paint: Paint) =>
  (properties: Properties): SymbolStyle | null => {
    const value = properties[`s_${paint.coverage?.category ?? ""}`];
    if (value === undefined) return null;
    return paint.sheet.coverage.states.find((state) => state.value === Number(value))?.symbol ?? null;
  };

const figuresPass = (paint: Paint, { layer, symbolOf }: FiguresPaint): Pass => ({
  layer,
  ...tilesOf(paint, layer),
  order: paint.sheet.coverage.order,
  symbolOf: ({ properties }) => symbolOf(String(properties.code)) ?? null,
});

function choroplethPass(paint: Paint): Pass | null {
  const { coverage, sheet } = paint;
  if (!coverage || coverage.layer === "buildings") return null;
  return {
    layer: coverage.layer,
    ...tilesOf(paint, coverage.layer),
    order: sheet.coverage.order,
    symbolOf: ({ properties }) => {
      const share = coverage.shareOf(String(properties.code));
      if (share === undefined) return null;
      return symbolOfShare(sheet, share);
    },
  };
}

/** The class of what is mostly not known: the state of homes, as an area. */
export const unknownOf = (sheet: StyleSheet) => sheet.coverage.states.find(({ code }) => code === "unknown");

export function symbolOfShare(sheet: StyleSheet, share: Share): SymbolStyle {
  const { shares, no_data } = sheet.coverage;
  if (share === "unknown") return unknownOf(sheet)?.symbol ?? no_data.symbol;
  const found = share === null ? undefined : classOf(shares, share);
  return found ? shareSymbol(found) : no_data.symbol;
}

const PLAIN = {
  width_px: 1,
  dash: [],
  shape: "circle",
  radius_px: 5,
  glyph: null,
  pattern: "none",
} as const satisfies Partial<SymbolStyle>;

/** Symbols made from others are made once, since drawing groups features by symbol. */
function once<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/** An area in the colour of its class. */
export const shareSymbol = once(
  (entry: ShareClass): SymbolStyle => ({
    ...PLAIN,
    dash: [],
    fill: entry.fill,
    fill_opacity: entry.fill_opacity,
    stroke: "#5b6670",
    width_px: 0.8,
  }),
);
const quiet = once((sheet: StyleSheet) =>
  once(
    (symbol: SymbolStyle): SymbolStyle => ({
      ...symbol,
      fill: sheet.is_dark ? "#000000" : "#ffffff",
      fill_opacity: sheet.is_dark ? 0.3 : 0.45,
      stroke: "#8d857a",
      pattern: "none",
    }),
  ),
);
/** The ground a marked thing stands on: a tint, so that its mark stays readable. */
export const footprint = once(
  (symbol: SymbolStyle): SymbolStyle => ({
    ...symbol,
    fill_opacity: 0.14,
    stroke: symbol.fill ?? symbol.stroke,
    dash: [3, 2],
    pattern: "none",
  }),
);
const RESIDENTS_FILL = "#7a3b8f";

/** Symbols of cells by count, one for each of {@link CELL_STEPS}. */
export const cellSteps = (fill: string): SymbolStyle[] =>
  CELL_STEPS.map((_, step) => ({ ...PLAIN, dash: [], fill, fill_opacity: 0.12 + step * 0.13, stroke: null }));

const byCount =
  (steps: SymbolStyle[]) =>
  (count: number): SymbolStyle | null =>
    count > 0 ? (steps[CELL_STEPS.filter((from) => count >= from).length - 1] ?? null) : null;

export const cellFill = (layer: string, style: LayerStyle): string =>
  layer === "households" ? RESIDENTS_FILL : (style.default.symbol.fill ?? style.default.symbol.stroke ?? "#555555");

const cellSymbols = once((style: LayerStyle) => byCount(cellSteps(cellFill("", style))));
const residentSymbols = once((style: LayerStyle) => byCount(cellSteps(cellFill("households", style))));

const STREET_WIDTH = 2.2;
const isStreet = (symbol: SymbolStyle) => symbol.dash.length === 0 && symbol.width_px > 1;
const casing = once(
  (symbol: SymbolStyle): SymbolStyle => ({
    ...symbol,
    stroke: symbol.casing ?? symbol.stroke,
    width_px: symbol.width_px * STREET_WIDTH * 1.35,
  }),
);
const inner = once(
  (symbol: SymbolStyle): SymbolStyle => ({
    ...symbol,
    stroke: symbol.casing ? symbol.stroke : lighten(symbol.stroke ?? "#999999", 0.82),
    width_px: symbol.width_px * STREET_WIDTH,
  }),
);

/** Streets are drawn twice, edges first, so that crossings are open; paths and steps are single dashed lines. */
function wayPasses(common: Pick<Pass, "layer" | "query" | "deepest">, style: LayerStyle, zoom: number): Pass[] {
  const symbolOf = (feature: TileFeature): SymbolStyle | null => {
    const rule = ruleFor(style, feature.properties);
    const symbol = rule?.symbol ?? style.default.symbol;
    return zoom >= (rule?.min_zoom ?? (isStreet(symbol) ? 0 : 15)) ? symbol : null;
  };
  const rank = ({ properties }: TileFeature) => wayRank(style, properties);
  const part = (order: number, draw: (symbol: SymbolStyle) => SymbolStyle | null): Pass => ({
    ...common,
    order: style.order + order,
    rank,
    symbolOf: (feature) => {
      const symbol = symbolOf(feature);
      return symbol && draw(symbol);
    },
  });
  return [
    part(0, (symbol) => (isStreet(symbol) ? null : symbol)),
    part(0.1, (symbol) => (isStreet(symbol) && zoom >= 14 ? casing(symbol) : null)),
    part(0.2, (symbol) => (isStreet(symbol) ? (zoom >= 14 ? inner(symbol) : symbol) : null)),
  ];
}

/** Wider streets are drawn later and named first. */
export function wayRank(style: LayerStyle, properties: Properties): number {
  const rule = ruleFor(style, properties);
  return rule?.rank ?? (rule?.symbol ?? style.default.symbol).width_px;
}
