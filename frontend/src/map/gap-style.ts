/** How each reason of a gap is drawn: colour, hatch and shape of its number, so that it also prints in black and white. */
import type { Pattern, Shape, SymbolStyle } from "./style";

const symbol = (fill: string, stroke: string, pattern: Pattern, shape: Shape): SymbolStyle => ({
  fill,
  fill_opacity: 0.5,
  stroke,
  width_px: 2,
  dash: [],
  shape,
  radius_px: 9,
  glyph: null,
  pattern,
});

export const GAP_STYLES = {
  no_facility: symbol("#d55e00", "#7a3600", "hatch", "triangle"),
  near_by_air: symbol("#56b4e9", "#00466e", "crosshatch", "diamond"),
  admits_others: symbol("#cc79a7", "#7a2f58", "dots", "pentagon"),
  over_capacity: symbol("#f0e442", "#7a6f00", "none", "square"),
  not_surveyed: { ...symbol("#ffffff", "#6b6b6b", "hatch", "circle"), dash: [5, 4] },
  unknown_data: { ...symbol("#b8b8b8", "#555555", "dots", "circle"), dash: [2, 3] },
} as const satisfies Record<string, SymbolStyle>;
