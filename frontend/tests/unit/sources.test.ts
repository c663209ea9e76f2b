import { expect, test } from "vitest";
import { CANVAS_PX, sourcesOf } from "../../src/map/sources";

test("a canvas covers the ground of the tile one level up", () => {
  expect(sourcesOf({ z: 13, x: 10, y: 20 })).toEqual([{ z: 12, x: 10, y: 20, left: 0, top: 0, size: CANVAS_PX }]);
  expect(sourcesOf({ z: 17, x: 10, y: 20 })[0]).toMatchObject({ z: 16, x: 10, y: 20 });
});

test("zoom 14 takes four feature tiles", () => {
  const four = sourcesOf({ z: 14, x: 3, y: 5 });
  expect(four.map(({ z, x, y, left, top }) => [z, x, y, left, top])).toEqual([
    [14, 6, 10, 0, 0],
    [14, 7, 10, 256, 0],
    [14, 6, 11, 0, 256],
    [14, 7, 11, 256, 256],
  ]);
});

test("beyond the deepest tile a part of it is enlarged", () => {
  const [part] = sourcesOf({ z: 19, x: 4 * 100 + 3, y: 4 * 50 + 1 });
  expect(part).toEqual({ z: 16, x: 100, y: 50, left: -3 * 512, top: -512, size: 2048 });
});

test("cells are never asked for deeper than they come", () => {
  expect(sourcesOf({ z: 14, x: 3, y: 5 }, 13)).toEqual([{ z: 13, x: 3, y: 5, left: 0, top: 0, size: 512 }]);
  expect(sourcesOf({ z: 16, x: 4, y: 4 }, 13)[0]).toMatchObject({ z: 13, x: 1, y: 1, size: 2048 });
});
