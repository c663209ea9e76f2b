/** A place lies in a polygon, not in its hole, and in no line. */
import { expect, it } from "vitest";
import { amid, isInside } from "../../src/shared/inside";

const ring = (west: number, south: number, east: number, north: number) => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
];

it("a place lies in a polygon, not in its hole, and in any part of several", () => {
  const holed = { type: "Polygon" as const, coordinates: [ring(0, 0, 4, 4), ring(1, 1, 2, 2)] };
  expect([isInside(holed, [3, 3]), isInside(holed, [1.5, 1.5]), isInside(holed, [5, 1])]).toEqual([true, false, false]);
  const parts = { type: "MultiPolygon" as const, coordinates: [[ring(0, 0, 1, 1)], [ring(5, 5, 6, 6)]] };
  expect([isInside(parts, [5.5, 5.5]), isInside(parts, [3, 3])]).toEqual([true, false]);
  expect(
    isInside(
      {
        type: "LineString",
        coordinates: [
          [0, 0],
          [4, 4],
        ],
      },
      [2, 2],
    ),
  ).toBe(false);
});

it("a place amid a geometry lies on it, on its largest part", () => {
  const ring = (west: number, east: number) => [
    [west, 0],
    [east, 0],
    [east, 4],
    [west, 4],
    [west, 0],
  ];
  const hole = [
    [1, 1],
    [1, 3],
    [9, 3],
    [9, 1],
    [1, 1],
  ];
  const geometry = { type: "MultiPolygon" as const, coordinates: [[ring(20, 21)], [ring(0, 12), hole]] };
  const [lon = 0, lat = 0] = amid(geometry);
  expect(isInside(geometry, [lon, lat])).toBe(true);
  expect([lon, lat]).toEqual([10.5, 2]);
  expect(amid({ type: "Point", coordinates: [3, 4] })).toEqual([3, 4]);
});
