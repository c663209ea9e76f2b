/** How sites and candidates are drawn: told apart by shape as well as colour. */
import type { Candidate } from "../../data/siting";
import type { Shape, SymbolStyle } from "../../map/style";

const mark = (fill: string, stroke: string, shape: Shape, radius_px: number): SymbolStyle => ({
  fill,
  fill_opacity: 1,
  stroke,
  width_px: 1.5,
  dash: [],
  shape,
  radius_px,
  glyph: null,
  pattern: "none",
});

export const CHOSEN = mark("#004d73", "#001f2e", "circle", 11);
export const OTHER = mark("#f0e442", "#5c5500", "square", 7);
export const DRAWN = mark("#56b4e9", "#00324d", "diamond", 7);
export const NOT_ELIGIBLE = mark("#c9c9c9", "#4a4a4a", "cross", 7);

export const candidateSymbol = ({ status, kind }: Candidate): SymbolStyle =>
  status === "not_eligible" ? NOT_ELIGIBLE : kind.startsWith("drawn") ? DRAWN : OTHER;
