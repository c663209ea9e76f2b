/** Names on the map: candidates in order of weight, placed where nothing is in the way. */

export interface Box {
  minX: number;
  minY: number;
  maxX: number;
  maxY: number;
}

export interface Candidate {
  text: string;
  x: number;
  y: number;
  /** Radians; road names follow their road. */
  angle: number;
  weight: number;
  size: number;
  colour: string;
  bold?: boolean;
  /** The same text is not placed again within this many pixels. */
  apart: number;
}

/** Already taken places in a coarse raster, so that thousands of candidates stay quick. */
export class Occupied {
  private readonly cells = new Map<number, Box[]>();
  private static readonly SIDE = 64;

  isFree(box: Box): boolean {
    return this.everyCell(box, (key) => {
      for (const other of this.cells.get(key) ?? [])
        if (box.minX < other.maxX && box.maxX > other.minX && box.minY < other.maxY && box.maxY > other.minY)
          return false;
      return true;
    });
  }

  add(box: Box): void {
    this.everyCell(box, (key) => {
      const cell = this.cells.get(key);
      if (cell) cell.push(box);
      else this.cells.set(key, [box]);
      return true;
    });
  }

  /** Whether all cells a box touches are as asked; pixels of the world stay below 2^32, so both fit one number. */
  private everyCell({ minX, minY, maxX, maxY }: Box, isSo: (key: number) => boolean): boolean {
    const side = Occupied.SIDE;
    for (let x = Math.floor(minX / side); x <= Math.floor(maxX / side); x++)
      for (let y = Math.floor(minY / side); y <= Math.floor(maxY / side); y++) if (!isSo(x * 2 ** 26 + y)) return false;
    return true;
  }
}

/** The box around a text of this width and height turned by `angle` about its middle. */
export function turnedBox(x: number, y: number, width: number, height: number, angle: number): Box {
  const cos = Math.abs(Math.cos(angle));
  const sin = Math.abs(Math.sin(angle));
  const halfWidth = (width * cos + height * sin) / 2;
  const halfHeight = (width * sin + height * cos) / 2;
  return { minX: x - halfWidth, maxX: x + halfWidth, minY: y - halfHeight, maxY: y + halfHeight };
}

export function place(
  candidates: readonly Candidate[],
  widthOf: (candidate: Candidate) => number,
  occupied: Occupied,
): Candidate[] {
  const placed: Candidate[] = [];
  const byText = new Map<string, Candidate[]>();
  for (const candidate of [...candidates].sort((a, b) => b.weight - a.weight)) {
    const same = byText.get(candidate.text) ?? [];
    if (same.some((other) => Math.hypot(other.x - candidate.x, other.y - candidate.y) < candidate.apart)) continue;
    const box = turnedBox(candidate.x, candidate.y, widthOf(candidate) + 4, candidate.size + 4, candidate.angle);
    if (!occupied.isFree(box)) continue;
    occupied.add(box);
    placed.push(candidate);
    byText.set(candidate.text, [...same, candidate]);
  }
  return placed;
}

/**
 * Where a text of `width` pixels fits along a line of pixel points (x, y alternating): the middle of the line, if it
 * is long and straight enough there. Upside-down angles are turned.
 */
export function alongLine(line: readonly number[], width: number): { x: number; y: number; angle: number } | null {
  let length = 0;
  for (let at = 2; at < line.length; at += 2) length += stretch(line, at);
  if (length < width) return null;
  const from = pointAt(line, (length - width) / 2);
  const to = pointAt(line, (length + width) / 2);
  const chord = Math.hypot(to.x - from.x, to.y - from.y);
  if (chord < width * 0.93) return null;
  let angle = Math.atan2(to.y - from.y, to.x - from.x);
  if (angle > Math.PI / 2) angle -= Math.PI;
  if (angle <= -Math.PI / 2) angle += Math.PI;
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, angle };
}

const stretch = (line: readonly number[], at: number): number =>
  Math.hypot((line[at] as number) - (line[at - 2] as number), (line[at + 1] as number) - (line[at - 1] as number));

function pointAt(line: readonly number[], wanted: number): { x: number; y: number } {
  let gone = 0;
  for (let at = 2; at < line.length; at += 2) {
    const piece = stretch(line, at);
    if (gone + piece >= wanted && piece > 0) {
      const share = (wanted - gone) / piece;
      const x = line[at - 2] as number;
      const y = line[at - 1] as number;
      return { x: x + ((line[at] as number) - x) * share, y: y + ((line[at + 1] as number) - y) * share };
    }
    gone += piece;
  }
  return { x: line[line.length - 2] as number, y: line[line.length - 1] as number };
}
