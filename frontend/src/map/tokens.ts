/** Colours of the page for what is drawn on the map: those of `tokens.css`, as the page is now, light or dark. */
import { isDark } from "../shared/looks";
import { lighten } from "./style";

type Token = "--chosen" | "--short" | "--short-ink" | "--line-strong";

/** Whoever reads it in an effect is told when the page turns dark or light. */
export function token(name: Token): string {
  isDark.value;
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

const DARKEST = 110;

/** A line's colour that can be seen on the page: deep ones are lightened where the ground is dark. */
export function lineOn(colour: string): string {
  const channels = /^#(..)(..)(..)$/.exec(colour)?.slice(1);
  if (!isDark.value || !channels) return colour;
  const [red = 0, green = 0, blue = 0] = channels.map((hex) => Number.parseInt(hex, 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 < DARKEST ? lighten(colour, 0.55) : colour;
}
