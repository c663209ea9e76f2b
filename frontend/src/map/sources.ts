/** Which of the server's tiles stand behind one 512-pixel canvas of the map. */

export interface TileId {
  z: number;
  x: number;
  y: number;
}

/** A server tile and where it lies on the canvas: left and top edge and its size, in CSS pixels. */
export interface Placed extends TileId {
  left: number;
  top: number;
  size: number;
}

export const CANVAS_PX = 512;
/** The server's deepest tiles; beyond, a part of one is enlarged. */
export const DEEPEST = 16;
/** From this tile zoom on tiles hold features; below it counts by cell. */
export const FEATURE_ZOOM = 14;

/**
 * Canvas (z, x, y) covers the ground of tile (z − 1, x, y). Zoom 14 takes the four tiles one level deeper, so that
 * features show as soon as the server has them. No tile deeper than `deepest` is asked for.
 */
export function sourcesOf({ z, x, y }: TileId, deepest = DEEPEST): Placed[] {
  if (z === FEATURE_ZOOM && deepest >= FEATURE_ZOOM) {
    const size = CANVAS_PX / 2;
    return [0, 1, 2, 3].map((part) => {
      const right = part % 2;
      const down = part >> 1;
      return { z, x: x * 2 + right, y: y * 2 + down, left: right * size, top: down * size, size };
    });
  }
  const base = Math.max(z - 1, 0);
  if (base <= deepest) return [{ z: base, x, y, left: 0, top: 0, size: CANVAS_PX }];
  const factor = 2 ** (base - deepest);
  const parent = { z: deepest, x: Math.floor(x / factor), y: Math.floor(y / factor) };
  return [
    {
      ...parent,
      left: (parent.x * factor - x) * CANVAS_PX,
      top: (parent.y * factor - y) * CANVAS_PX,
      size: CANVAS_PX * factor,
    },
  ];
}

/** From one meridian to another, as shares of the world's width. */
export type Span = readonly [west: number, east: number];

/** Where a span lies on a canvas, in CSS pixels from its left edge. */
export function pixelsOf([west, east]: Span, { z, x }: Pick<TileId, "z" | "x">): [number, number] {
  const world = (CANVAS_PX / 2) * 2 ** z;
  return [west * world - x * CANVAS_PX, east * world - x * CANVAS_PX];
}

export const keyOf = ({ z, x, y }: TileId): string => `${z}/${x}/${y}`;
