// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { innerPlace } from "../../src/map/inner-place";
import { isInside, metresBetween, type OverlayShape, shapeAt } from "../../src/map/overlay";
import type { SymbolStyle } from "../../src/map/style";

const symbol: SymbolStyle = {
  fill: "#d55e00",
  fill_opacity: 1,
  stroke: null,
  width_px: 1,
  dash: [],
  shape: "circle",
  radius_px: 5,
  glyph: null,
  pattern: "none",
};
const square = (west: number, south: number, side: number) => [
  [
    [west, south],
    [west + side, south],
    [west + side, south + side],
    [west, south + side],
    [west, south],
  ],
];
const shape = (key: string | null, geometry: GeoJSON.Geometry): OverlayShape => ({ key, geometry, symbol });

test("a place is in an area unless it is in its hole", () => {
  const ring = { type: "Polygon" as const, coordinates: [...square(0, 0, 10), ...square(4, 4, 2)] };
  expect(isInside(ring, [1, 1])).toBe(true);
  expect(isInside(ring, [5, 5])).toBe(false);
  expect(isInside(ring, [11, 5])).toBe(false);
});

test("the number of an area stands on it, in its largest part", () => {
  const geometry = { type: "MultiPolygon" as const, coordinates: [square(20, 20, 1), square(0, 0, 10)] };
  const [lon, lat] = innerPlace(geometry);
  expect(isInside({ type: "Polygon", coordinates: square(0, 0, 10) }, [lon, lat])).toBe(true);
  const hollow = { type: "Polygon" as const, coordinates: [...square(0, 0, 10), ...square(3, 3, 4)] };
  expect(isInside(hollow, innerPlace(hollow))).toBe(true);
});

test("marks go before areas, the nearest first, and what has no key is never met", () => {
  const area = shape("area", { type: "Polygon", coordinates: square(-1, -1, 2) });
  const near = shape("near", { type: "Point", coordinates: [0.0001, 0] });
  const far = shape("far", { type: "Point", coordinates: [0.0002, 0] });
  const mute = shape(null, { type: "Point", coordinates: [0, 0] });
  expect(shapeAt([area, far, near, mute], [0, 0], 2)?.key).toBe("near");
  expect(shapeAt([area, far, near, mute], [0.01, 0], 2)?.key).toBe("area");
  expect(shapeAt([mute], [0, 0], 2)).toBeNull();
});

test("metres between near places shrink with the latitude", () => {
  expect(metresBetween([0, 0], [0, 0.001])).toBeCloseTo(111.2, 1);
  expect(metresBetween([0, 60], [0.001, 60])).toBeCloseTo(55.6, 1);
});
