/** Corners as text: one `longitude, latitude` a line; a blank line begins a hole, `---` a further part; of points every line is one. */
import type { Shape, ShapeKind } from "../../map/edit-shape";
import { LEAST } from "../../map/edit-shape";
import type { Bounds, LonLat } from "../../shared/api";

const PART = "---";

export const cornerText = ([lon, lat]: LonLat): string => `${lon}, ${lat}`;

export const shapeText = ({ kind, parts }: Shape): string =>
  kind === "Point" ? parts.map(([ring]) => ring?.map(cornerText).join("\n")).join("\n") : areaText(parts);

const areaText = (parts: Shape["parts"]): string =>
  parts.map((rings) => rings.map((ring) => ring.map(cornerText).join("\n")).join("\n\n")).join(`\n${PART}\n`);

export type Refused = { line: number; why: "numbers" | "range" | "few" | "several" };

/** The place a text names, null where it names none. */
export function cornerOf(text: string): LonLat | null {
  const numbers = text
    .trim()
    .split(/[\s,，;；]+/)
    .filter(Boolean);
  const [lon, lat] = numbers.map(Number);
  if (numbers.length !== 2 || lon === undefined || lat === undefined) return null;
  return Number.isFinite(lon) && Number.isFinite(lat) ? [lon, lat] : null;
}

export const isOnEarth = ([lon, lat]: LonLat): boolean => Math.abs(lon) <= 180 && Math.abs(lat) <= 90;

const ABROAD_DEGREES = 5;

const isAround = ([west, south, east, north]: Bounds, [lon, lat]: LonLat): boolean =>
  lon >= west - ABROAD_DEGREES &&
  lon <= east + ABROAD_DEGREES &&
  lat >= south - ABROAD_DEGREES &&
  lat <= north + ABROAD_DEGREES;

/**
 * The place a person meant who wrote latitude first: where what was written is not on earth, or far from what there is
 * (`home`) while the other order is near. Null where the order is right or nobody can tell.
 */
export function swapped(at: LonLat, home: Bounds | null): LonLat | null {
  const other: LonLat = [at[1], at[0]];
  if (!isOnEarth(other)) return null;
  if (!isOnEarth(at)) return other;
  return home && !isAround(home, at) && isAround(home, other) ? other : null;
}

/** A list of corners with both numbers of every line in the other order. */
export const swappedText = (text: string): string =>
  text.replace(/^(\s*)([^\s,，;；]+)([\s,，;；]+)([^\s,，;；]+)/gm, "$1$4$3$2");

/** The list in the other order where all of it was written latitude first, else null. */
export function swappedList(kind: ShapeKind, text: string, home: Bounds | null): string | null {
  const corners = text
    .split(/\r?\n/)
    .map(cornerOf)
    .filter((corner) => corner !== null);
  const other = swappedText(text);
  const isMeant = corners.length > 0 && corners.some((at) => swapped(at, home)) && "parts" in shapeFrom(kind, other);
  return isMeant ? other : null;
}

/** The shape of a text, or the line that cannot be taken and why. */
export function shapeFrom(kind: ShapeKind, text: string, mayBeSeveral = true): Shape | Refused {
  const parts: LonLat[][][] = [[[]]];
  const began: number[][] = [[1]];
  const lines = text.split(/\r?\n/);
  for (const [number, line] of lines.entries()) {
    const rings = parts[parts.length - 1] as LonLat[][];
    const ring = rings[rings.length - 1] as LonLat[];
    const starts = began[began.length - 1] as number[];
    if (line.trim() === PART) {
      parts.push([[]]);
      began.push([number + 2]);
    } else if (line.trim() === "") {
      if (ring.length === 0) continue;
      rings.push([]);
      starts.push(number + 2);
    } else {
      const corner = cornerOf(line);
      if (!corner) return { line: number + 1, why: "numbers" };
      if (!isOnEarth(corner)) return { line: number + 1, why: "range" };
      if (ring.length === 0) starts[starts.length - 1] = number + 1;
      if (kind === "Point" && ring.length > 0) {
        parts.push([[corner]]);
        began.push([number + 1]);
      } else ring.push(corner);
    }
  }
  const whole = parts
    .map((rings, part) => rings.map((ring, place) => ({ ring: open(kind, ring), line: began[part]?.[place] ?? 1 })))
    .map((rings) => rings.filter(({ ring }) => ring.length > 0))
    .filter((rings) => rings.length > 0);
  for (const rings of whole)
    for (const [place, { ring, line }] of rings.entries()) {
      if (ring.length < LEAST[kind]) return { line, why: "few" };
      if (kind !== "Polygon" && place > 0) return { line, why: "several" };
    }
  const second = whole[1]?.[0];
  if (!mayBeSeveral && second) return { line: second.line, why: "several" };
  if (whole.length === 0) return { line: 1, why: "few" };
  return { kind, parts: whole.map((rings) => rings.map(({ ring }) => ring)) };
}

/** A ring that says its first corner again at its end is meant closed. */
function open(kind: ShapeKind, ring: LonLat[]): LonLat[] {
  const [first] = ring;
  const last = ring[ring.length - 1];
  const isClosed =
    kind === "Polygon" && ring.length > 3 && first && last && first[0] === last[0] && first[1] === last[1];
  return isClosed ? ring.slice(0, -1) : ring;
}
