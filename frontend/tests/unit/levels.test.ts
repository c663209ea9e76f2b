import { expect, test } from "vitest";
import { levelsAt } from "../../src/map/levels";

const ALL = ["city", "district", "street", "community", "quarter"];

test("one level at a time, quarters beside it on large maps", () => {
  expect(levelsAt(8, ALL)).toEqual(["city"]);
  expect(levelsAt(13, ALL)).toEqual(["street"]);
  expect(levelsAt(14, ALL)).toEqual(["community"]);
  expect(levelsAt(17, ALL)).toEqual(["community", "quarter"]);
});

test("the nearest level stands in for a missing one", () => {
  expect(levelsAt(17, ["district"])).toEqual(["district"]);
  expect(levelsAt(8, ["community"])).toEqual(["community"]);
  expect(levelsAt(8, ["quarter"])).toEqual(["quarter"]);
  expect(levelsAt(8, [])).toEqual([]);
});
