import { expect, test } from "vitest";
import { boxOf, type Kind, type TileFeature } from "../../src/map/decode";
import { isInside, touches } from "../../src/map/hit";
import { innerPoint } from "../../src/map/inner-point";

const feature = (kind: Kind, ...rings: number[][]): TileFeature => {
  const flat = rings.map((ring) => Int16Array.from(ring));
  return { layer: "x", kind, properties: {}, rings: flat, box: boxOf(flat) };
};

const square = [0, 0, 100, 0, 100, 100, 0, 100, 0, 0];
const hole = [40, 40, 60, 40, 60, 60, 40, 60, 40, 40];

test("a point in a hole is outside", () => {
  const polygon = feature("polygon", square, hole);
  expect(isInside(polygon.rings, 20, 20)).toBe(true);
  expect(isInside(polygon.rings, 50, 50)).toBe(false);
  expect(touches(polygon, 120, 50, 0)).toBe(false);
});

test("a line is touched within reach, also beyond its ends", () => {
  const line = feature("line", [0, 0, 100, 0]);
  expect(touches(line, 50, 4, 5)).toBe(true);
  expect(touches(line, 50, 6, 5)).toBe(false);
  expect(touches(line, 104, 0, 5)).toBe(true);
  expect(touches(line, 106, 0, 5)).toBe(false);
});

test("a point feature is touched within reach", () => {
  expect(touches(feature("point", [10, 10]), 13, 14, 5)).toBe(true);
  expect(touches(feature("point", [10, 10]), 14, 14, 5)).toBe(false);
});

test("the mark of a ring around a lake stands on the ring", () => {
  const park = feature("polygon", square, [10, 10, 70, 10, 70, 90, 10, 90, 10, 10]);
  const [x, y] = innerPoint(park);
  expect(isInside(park.rings, x, y)).toBe(true);
  expect([x, y]).toEqual([85, 50]);
  expect(innerPoint(feature("polygon", square))).toEqual([50, 50]);
  expect(innerPoint(feature("point", [7, 9]))).toEqual([7, 9]);
});
