// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from "vitest";
import { feature } from "../../src/data/features";
import { loadStyles } from "../../src/map/style";
import { chosenMark } from "../../src/planner/chosen-mark";
import * as state from "../../src/planner/state";

const geometry = { type: "Point" as const, coordinates: [116.3, 40] };

afterEach(() => {
  state.select(null);
  state.shown.value = null;
  feature.clear();
  vi.unstubAllGlobals();
});

test("a chosen thing is marked where its layer is off, and only then", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ marks: { selected: { symbol: { stroke: "#f0a" } } } }));
  await loadStyles();
  await feature.load(async () => ({ type: "Feature", geometry, properties: { code: "g1" } }) as never);
  state.shown.value = ["ways"];
  expect(chosenMark.value).toEqual([]);
  state.select({ kind: "feature", layer: "gates", code: "g1" });
  expect(chosenMark.value).toMatchObject([{ key: null, geometry, isChosen: true }]);
  state.shown.value = ["ways", "gates"];
  expect(chosenMark.value).toEqual([]);
  state.shown.value = ["ways"];
  state.select({ kind: "feature", layer: "gates", code: "g2" }); // its place is still on the way
  expect(chosenMark.value).toEqual([]);
});
