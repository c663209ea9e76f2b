// @vitest-environment happy-dom
import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import { editing } from "../../src/planner/edit-state";
import { followPointKeys } from "../../src/planner/tools/point-keys";
import type { LonLat } from "../../src/shared/api";

const press = (key: string, more: Partial<KeyboardEventInit> = {}) =>
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, ...more }));

const [A, B, C]: LonLat[] = [
  [112, 30],
  [112.1, 30],
  [112.1, 30.1],
] as LonLat[];

test("points are taken back and set again by key, a clearing too; a new point forgets what was taken back", () => {
  const points = signal<LonLat[]>([A] as LonLat[]);
  const stop = followPointKeys(points, (next) => {
    points.value = [...next];
  });
  points.value = [A, B] as LonLat[];
  points.value = [];
  press("z");
  expect(points.value).toEqual([A, B]);
  press("z");
  expect(points.value).toEqual([A]);
  press("y");
  expect(points.value).toEqual([A, B]);
  press("z", { shiftKey: true });
  expect(points.value).toEqual([]);
  press("z");
  points.value = [A, B, C] as LonLat[];
  press("y");
  expect(points.value).toEqual([A, B, C]);
  editing.value = { work: "new", layer: "gates", code: null };
  press("z");
  expect(points.value).toEqual([A, B, C]); // what is edited answers
  editing.value = null;
  for (let turn = 0; turn < 5; turn++) press("z");
  expect(points.value).toEqual([]); // those the address brought go as well
  stop();
  press("y");
  expect(points.value).toEqual([]);
});

test("points of another kind begin anew", () => {
  const kind = signal("polygon");
  const points = signal<LonLat[]>([]);
  const stop = followPointKeys(
    points,
    (next) => {
      points.value = [...next];
    },
    () => kind.value,
  );
  points.value = [A, B] as LonLat[];
  points.value = [];
  kind.value = "box";
  press("z");
  expect(points.value).toEqual([]);
  stop();
});
