/** Hatches and dots laid over fills, so that no meaning rests on colour alone. */
import type { Pattern } from "./style";

const made = new Map<string, HTMLCanvasElement>();
const SIDE = 8;

/** A fill of `colour` in the pattern, null for none. `scale` is device pixels per CSS pixel. */
export function patternFill(
  context: CanvasRenderingContext2D,
  pattern: Pattern,
  colour: string,
  scale: number,
): CanvasPattern | null {
  if (pattern === "none") return null;
  const key = `${pattern} ${colour} ${scale}`;
  let tile = made.get(key);
  if (!tile) {
    tile = draw(pattern, colour, scale);
    made.set(key, tile);
  }
  return context.createPattern(tile, "repeat");
}

function draw(pattern: Pattern, colour: string, scale: number): HTMLCanvasElement {
  const tile = document.createElement("canvas");
  const side = Math.round(SIDE * scale);
  tile.width = side;
  tile.height = side;
  const context = tile.getContext("2d");
  if (!context) return tile;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = scale;
  context.beginPath();
  if (pattern === "dots") {
    for (const [x, y] of [
      [side / 4, side / 4],
      [(side * 3) / 4, (side * 3) / 4],
    ] as const) {
      context.moveTo(x + scale, y);
      context.arc(x, y, scale, 0, Math.PI * 2);
    }
    context.fill();
    return tile;
  }
  for (const shift of [-side, 0, side]) {
    context.moveTo(shift, side);
    context.lineTo(shift + side, 0);
    if (pattern === "crosshatch") {
      context.moveTo(shift, 0);
      context.lineTo(shift + side, side);
    }
  }
  context.stroke();
  return tile;
}
