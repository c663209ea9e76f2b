import { expect, test } from "vitest";
import { areaOf, distance, lengthOf } from "../../src/planner/tools/geodesy";

test("a degree of latitude is about 111.2 km, one of longitude shrinks with the latitude", () => {
  expect(distance([0, 0], [0, 1])).toBeCloseTo(111_195, -1);
  expect(distance([0, 60], [1, 60]) / distance([0, 0], [1, 0])).toBeCloseTo(0.5, 3);
});

test("a line is as long as its parts", () => {
  expect(lengthOf([])).toBe(0);
  expect(lengthOf([[112, 30]])).toBe(0);
  expect(
    lengthOf([
      [0, 0],
      [0, 1],
      [0, 0],
    ]),
  ).toBeCloseTo(2 * 111_195, -1);
});

test("a square of about a hundred metres has about a hectare, whichever way round", () => {
  const side = 100 / 111_195;
  const ring: [number, number][] = [
    [10, 0],
    [10 + side, 0],
    [10 + side, side],
    [10, side],
  ];
  expect(areaOf(ring)).toBeCloseTo(10_000, -1);
  expect(areaOf([...ring].reverse())).toBeCloseTo(areaOf(ring), 6);
  expect(areaOf(ring.slice(0, 2))).toBe(0);
});
