// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { afterKey, between, fitted } from "../../src/desk/boxes";

const MIDDLE = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };

test("a region drawn in any direction and over the edge lies inside the picture", () => {
  expect(fitted(between([0.6, 0.7], [0.2, 0.1]))).toEqual({ x: 0.2, y: 0.1, width: 0.4, height: 0.6 });
  expect(fitted(between([0.5, 0.5], [1.4, -0.3]))).toEqual({ x: 0.5, y: 0, width: 0.5, height: 0.5 });
  for (const box of [fitted(between([0.99999, 0.3], [1.2, 0.3])), fitted({ x: 2, y: -1, width: 3, height: 0 })]) {
    expect(box.width).toBeGreaterThan(0);
    expect(box.height).toBeGreaterThan(0);
    expect(box.x + box.width).toBeLessThanOrEqual(1 + 1e-9);
    expect(box.y + box.height).toBeLessThanOrEqual(1 + 1e-9);
  }
});

test("arrow keys move a region, with shift they size it, never out of the picture", () => {
  expect(afterKey(MIDDLE, "ArrowRight", false)).toEqual({ ...MIDDLE, x: 0.42 });
  expect(afterKey(MIDDLE, "ArrowUp", true)).toEqual({ ...MIDDLE, height: 0.18 });
  expect(afterKey({ ...MIDDLE, x: 0.8 }, "ArrowRight", false)).toEqual({ ...MIDDLE, x: 0.8 });
  expect(afterKey({ ...MIDDLE, x: 0.8 }, "ArrowRight", true)).toEqual({ ...MIDDLE, x: 0.8 });
});

test("delete takes a region away, other keys leave it alone", () => {
  expect(afterKey(MIDDLE, "Delete", false)).toBeNull();
  expect(afterKey(MIDDLE, "Tab", false)).toBe(MIDDLE);
});
