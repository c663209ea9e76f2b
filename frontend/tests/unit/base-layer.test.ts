// @vitest-environment happy-dom
import * as L from "leaflet";
import { expect, test } from "vitest";
import { placedTile } from "../../src/map/base-layer";
import { fromGcj02, toGcj02 } from "../../src/map/gcj02";

/** As the server's foundation/datum.py gives them. */
const PAIRS = [
  [114.305, 30.593, 114.31044422, 30.59058978],
  [116.397, 39.909, 116.40324351, 39.9104034],
  [87.617, 43.793, 87.6198485, 43.79422387],
] as const;

test.each(PAIRS)("the shift is the server's: %d %d", (lon, lat, east, north) => {
  const found = toGcj02([lon, lat]);
  expect(found[0]).toBeCloseTo(east, 7);
  expect(found[1]).toBeCloseTo(north, 7);
  const back = fromGcj02(found);
  expect(back[0]).toBeCloseTo(lon, 9);
  expect(back[1]).toBeCloseTo(lat, 9);
});

test("abroad nothing is shifted", () => {
  expect(toGcj02([-8.61, 41.15])).toEqual([-8.61, 41.15]);
});

test.each([11, 15, 18])("what a tile shows lies within a pixel of where it belongs, at zoom %d", (z) => {
  for (const [lon, lat, east, north] of PAIRS) {
    const inPicture = L.CRS.EPSG3857.latLngToPoint(L.latLng(north, east), z);
    const [x, y] = [Math.floor(inPicture.x / 256), Math.floor(inPicture.y / 256)];
    const tile = placedTile({ x, y, z });
    const shown = L.point(
      tile.left + ((inPicture.x - x * 256) / 256) * tile.width,
      tile.top + ((inPicture.y - y * 256) / 256) * tile.height,
    );
    expect(shown.distanceTo(L.CRS.EPSG3857.latLngToPoint(L.latLng(lat, lon), z))).toBeLessThan(1);
  }
});

test("tiles meet without a seam", () => {
  const one = placedTile({ x: 27421, y: 13512, z: 15 });
  expect(placedTile({ x: 27422, y: 13512, z: 15 }).left).toBe(one.left + one.width);
  expect(placedTile({ x: 27421, y: 13513, z: 15 }).top).toBe(one.top + one.height);
});
