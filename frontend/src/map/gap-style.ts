/** How each reason of a gap is drawn: colour, hatch and shape of its number, so that it also prints in black and white. */
import { ready } from "../shared/loadable";
import { type SymbolStyle, styleSheet } from "./style";

const UNKNOWN: SymbolStyle = {
  fill: null,
  fill_opacity: 0,
  stroke: "#555555",
  width_px: 2,
  dash: [],
  shape: "circle",
  radius_px: 9,
  glyph: null,
  pattern: "none",
};

/** As the style sheet of the page says; an outline until it is there. */
export const gapSymbol = (reason: string): SymbolStyle =>
  ready(styleSheet.state.value)?.gaps[reason]?.symbol ?? UNKNOWN;
