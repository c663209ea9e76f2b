/** A shape being edited: its parts and rings as plain lists of corners, and what one can do to it. Nothing is changed in place. */
import type { Geometry, Position } from "geojson";
import type { LonLat } from "../shared/api";

export type ShapeKind = "Point" | "Line" | "Polygon";

/** Parts → rings → corners. A ring is open: its first corner is not said again. Points and lines have one ring a part. */
export interface Shape {
  kind: ShapeKind;
  parts: readonly (readonly (readonly LonLat[])[])[];
}

/** Where a corner stands. */
export interface CornerOf {
  part: number;
  ring: number;
  corner: number;
}

export type RingOf = Omit<CornerOf, "corner">;

/** Corners a line or ring needs at least. */
export const LEAST: Record<ShapeKind, number> = { Point: 1, Line: 2, Polygon: 3 };

const lonLat = ([lon = 0, lat = 0]: Position): LonLat => [lon, lat];

function opened(ring: readonly Position[]): LonLat[] {
  const corners = ring.map(lonLat);
  const first = corners[0];
  const last = corners[corners.length - 1];
  if (corners.length > 1 && first && last && first[0] === last[0] && first[1] === last[1]) corners.pop();
  return corners;
}

/** Null for what has no shape one can edit here: nothing, collections. Several points are parts of one point each. */
export function shapeOf(geometry: Geometry | null | undefined): Shape | null {
  switch (geometry?.type) {
    case "Point":
      return { kind: "Point", parts: [[[lonLat(geometry.coordinates)]]] };
    case "MultiPoint":
      return { kind: "Point", parts: geometry.coordinates.map((place) => [[lonLat(place)]]) };
    case "LineString":
      return { kind: "Line", parts: [[geometry.coordinates.map(lonLat)]] };
    case "MultiLineString":
      return { kind: "Line", parts: geometry.coordinates.map((line) => [line.map(lonLat)]) };
    case "Polygon":
      return { kind: "Polygon", parts: [geometry.coordinates.map(opened)] };
    case "MultiPolygon":
      return { kind: "Polygon", parts: geometry.coordinates.map((rings) => rings.map(opened)) };
    default:
      return null;
  }
}

const closed = (ring: readonly LonLat[]): LonLat[] => [...ring, ...ring.slice(0, 1)];

/** The shape as GeoJSON, one part as a single geometry; null while it has no whole part. */
export function geometryOf({ kind, parts }: Shape): Geometry | null {
  const whole = parts.filter(([outer]) => (outer?.length ?? 0) >= LEAST[kind]);
  const [first] = whole;
  if (!first) return null;
  if (kind === "Point") {
    const places = whole.map(([place]) => place?.[0] as LonLat);
    return places.length === 1
      ? { type: "Point", coordinates: places[0] as LonLat }
      : { type: "MultiPoint", coordinates: places };
  }
  if (kind === "Line") {
    const lines = whole.map(([line]) => [...(line ?? [])]);
    return lines.length === 1
      ? { type: "LineString", coordinates: lines[0] as LonLat[] }
      : { type: "MultiLineString", coordinates: lines };
  }
  const polygons = whole.map((rings) => rings.filter((ring) => ring.length >= LEAST.Polygon).map(closed));
  return polygons.length === 1
    ? { type: "Polygon", coordinates: polygons[0] as LonLat[][] }
    : { type: "MultiPolygon", coordinates: polygons };
}

export const ringAt = (shape: Shape, { part, ring }: RingOf): readonly LonLat[] => shape.parts[part]?.[ring] ?? [];
export const cornerAt = (shape: Shape, at: CornerOf): LonLat | null => ringAt(shape, at)[at.corner] ?? null;

function withRing(shape: Shape, at: RingOf, ring: readonly LonLat[]): Shape {
  const parts = shape.parts.map((rings, part) =>
    part === at.part ? rings.map((one, place) => (place === at.ring ? ring : one)) : rings,
  );
  return { ...shape, parts };
}

export function movedCorner(shape: Shape, at: CornerOf, to: LonLat): Shape {
  const ring = [...ringAt(shape, at)];
  ring[at.corner] = to;
  return withRing(shape, at, ring);
}

/** Puts a corner in before the one that stands there. */
export function addedCorner(shape: Shape, at: CornerOf, to: LonLat): Shape {
  const ring = [...ringAt(shape, at)];
  ring.splice(at.corner, 0, to);
  return withRing(shape, at, ring);
}

/** Whether a corner can go: what stays must still be a line or ring, or the whole ring goes. */
export const canRemove = (shape: Shape, at: CornerOf): boolean =>
  shape.kind !== "Point" && ringAt(shape, at).length > LEAST[shape.kind];

export const removedCorner = (shape: Shape, at: CornerOf): Shape =>
  canRemove(shape, at)
    ? withRing(
        shape,
        at,
        ringAt(shape, at).filter((_, corner) => corner !== at.corner),
      )
    : shape;

/** Takes a hole out, or a part with its holes. */
export function removedRing(shape: Shape, at: RingOf): Shape {
  const parts =
    at.ring > 0
      ? shape.parts.map((rings, part) => (part === at.part ? rings.filter((_, ring) => ring !== at.ring) : rings))
      : shape.parts.filter((_, part) => part !== at.part);
  return { ...shape, parts };
}

export const addedPart = (shape: Shape, ring: readonly LonLat[]): Shape => ({
  ...shape,
  parts: [...shape.parts, [ring]],
});

/** Cuts a hole into the part its first corner lies in; null where that lies in none. */
export function addedHole(shape: Shape, hole: readonly LonLat[]): Shape | null {
  const [first] = hole;
  const part = first ? shape.parts.findIndex((rings) => isInRings(rings, first)) : -1;
  if (part < 0) return null;
  return { ...shape, parts: shape.parts.map((rings, place) => (place === part ? [...rings, hole] : rings)) };
}

export function isInRings(rings: readonly (readonly LonLat[])[], [x, y]: LonLat): boolean {
  let inside = false;
  for (const ring of rings) {
    for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
      const [ax, ay] = ring[at] as LonLat;
      const [bx, by] = ring[before] as LonLat;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

export const cornersOf = ({ parts }: Shape): number =>
  parts.reduce((sum, rings) => sum + rings.reduce((rest, ring) => rest + ring.length, 0), 0);

/** A corner one can take hold of, or the middle of a side that becomes a corner when it is moved. */
export interface Handle {
  at: CornerOf;
  place: LonLat;
  isMiddle: boolean;
}

export type Box = readonly [west: number, south: number, east: number, north: number];

/** Every corner of a shape with where it stands and the corner after it, null at the end of a line. */
function* walk({ kind, parts }: Shape): Generator<{ at: CornerOf; place: LonLat; next: LonLat | null }> {
  for (const [part, rings] of parts.entries())
    for (const [ring, corners] of rings.entries())
      for (const [corner, place] of corners.entries()) {
        const after = corners[corner + 1] ?? (kind === "Polygon" ? corners[0] : undefined);
        yield { at: { part, ring, corner }, place, next: kind === "Point" ? null : (after ?? null) };
      }
}

/** How many handles there may be, and how many degrees apart they stand at least. */
export interface Room {
  most: number;
  apart: number;
}

/** The handles inside a box for which there is room; `left` counts the corners that got none. */
export function handlesIn(shape: Shape, box: Box, { most, apart }: Room): { handles: Handle[]; left: number } {
  const [west, south, east, north] = box;
  const isIn = ([x, y]: LonLat) => x >= west && x <= east && y >= south && y <= north;
  const isFar = (a: LonLat | null, b: LonLat) => !a || Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])) >= apart;
  const corners: Handle[] = [];
  const middles: Handle[] = [];
  let left = 0;
  let last: LonLat | null = null;
  for (const { at, place, next } of walk(shape)) {
    if (at.corner === 0) last = null;
    const hasRoom = corners.length < most && isFar(last, place);
    if (isIn(place) && !hasRoom) left++;
    else if (isIn(place)) {
      corners.push({ at, place, isMiddle: false });
      last = place;
    }
    if (!next || middles.length >= most) continue;
    const middle: LonLat = [(place[0] + next[0]) / 2, (place[1] + next[1]) / 2];
    if (isIn(middle) && isFar(place, middle))
      middles.push({ at: { ...at, corner: at.corner + 1 }, place: middle, isMiddle: true });
  }
  return { handles: [...middles, ...corners], left };
}
