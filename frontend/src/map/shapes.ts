/** Outlines of point symbols: one set for canvas and legend, in units of the radius around (0, 0). */
import type { Shape } from "./style";

const regular = (corners: number, radius: number, turn: number): [number, number][] =>
  Array.from({ length: corners }, (_, corner) => {
    const angle = turn + (corner * 2 * Math.PI) / corners;
    return [Math.cos(angle) * radius, Math.sin(angle) * radius];
  });

const UP = -Math.PI / 2;
const ARM = 0.42;

const star = (): [number, number][] => {
  const outer = regular(5, 1.25, UP);
  const inner = regular(5, 0.72, UP + Math.PI / 5);
  return outer.flatMap((corner, place) => [corner, inner[place] as [number, number]]);
};

/** Corners of every shape but the circle. */
export const CORNERS: Record<Exclude<Shape, "circle">, readonly (readonly [number, number])[]> = {
  square: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  triangle: [
    [0, -1.2],
    [1.15, 0.85],
    [-1.15, 0.85],
  ],
  diamond: [
    [0, -1.25],
    [1.25, 0],
    [0, 1.25],
    [-1.25, 0],
  ],
  pentagon: regular(5, 1.15, UP),
  star: star(),
  cross: [
    [-ARM * 1.5, -1.1],
    [ARM * 1.5, -1.1],
    [ARM * 1.5, -ARM * 1.5],
    [1.1, -ARM * 1.5],
    [1.1, ARM * 1.5],
    [ARM * 1.5, ARM * 1.5],
    [ARM * 1.5, 1.1],
    [-ARM * 1.5, 1.1],
    [-ARM * 1.5, ARM * 1.5],
    [-1.1, ARM * 1.5],
    [-1.1, -ARM * 1.5],
    [-ARM * 1.5, -ARM * 1.5],
  ],
};

/** Adds the shape around (x, y) to the current path. */
export function tracePath(context: CanvasRenderingContext2D, shape: Shape, x: number, y: number, radius: number): void {
  if (shape === "circle") {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, Math.PI * 2);
    return;
  }
  CORNERS[shape].forEach(([dx, dy], place) => {
    if (place === 0) context.moveTo(x + dx * radius, y + dy * radius);
    else context.lineTo(x + dx * radius, y + dy * radius);
  });
  context.closePath();
}

/** The shape as an SVG path around (0, 0). */
export function svgPath(shape: Shape, radius: number): string {
  if (shape === "circle")
    return `M${radius} 0A${radius} ${radius} 0 1 1 ${-radius} 0A${radius} ${radius} 0 1 1 ${radius} 0Z`;
  const corners = CORNERS[shape].map(([x, y]) => `${(x * radius).toFixed(2)} ${(y * radius).toFixed(2)}`);
  return `M${corners.join("L")}Z`;
}

/** Black or white, whichever reads better on the colour. */
export function inkOn(colour: string | null): string {
  const channels = /^#(..)(..)(..)$/.exec(colour ?? "#ffffff")?.slice(1) ?? ["ff", "ff", "ff"];
  const [red = 0, green = 0, blue = 0] = channels.map((hex) => Number.parseInt(hex, 16));
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? "#1d1d1d" : "#ffffff";
}
