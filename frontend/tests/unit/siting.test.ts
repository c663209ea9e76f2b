// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { beyondAll, drawnFrom, drawnText, freeLetter, type SitingResult } from "../../src/data/siting";
import * as state from "../../src/planner/state";
import { badgeOf, placeName } from "../../src/planner/tools/siting-names";

test("drawn candidates come back from the address, with their cost or without", () => {
  const points = [
    { lon: 112.1, lat: 30.8, cost_yuan: 500000, name: "A" },
    { lon: -8.61, lat: 41.15, cost_yuan: null, name: "老粮站" },
  ];
  expect(drawnFrom(drawnText(points))).toEqual(points);
});

test("what is no place falls away, and a cost that is none is not known", () => {
  expect(drawnFrom("x,y,1;200,10,5;;112,30,-4")).toEqual([{ lon: 112, lat: 30, cost_yuan: null, name: "A" }]);
  expect(drawnFrom(null)).toEqual([]);
});

test("a new candidate has the first letter that is free, one of an old link too", () => {
  const points = drawnFrom("1,1,,A;2,2,,C;3,3");
  expect(points.map(({ name }) => name)).toEqual(["A", "C", "B"]);
  expect(freeLetter(points)).toBe("D");
  const many = Array.from({ length: 27 }, (_, at) => `${at},1`).join(";");
  expect(drawnFrom(many)[26]?.name).toBe("AA");
});

test("a drawn candidate is called by its letter in the language of the page, or as somebody called it", () => {
  const site = { kind: "drawn", code: "x", name: "B", lon: 112, lat: 30 };
  expect(placeName(site)).toBe("候选 B");
  state.tool.value = { name: "siting", asked: { points: "112,30,,老粮站" } };
  expect([placeName(site), badgeOf(site).badge]).toEqual(["老粮站", "老粮"]);
  state.tool.value = null;
});

test("whom no candidate reaches: before less what is chosen and what each other one brings alone", () => {
  const candidate = (people: number | null, why: object | null = null) => ({ people, homes: 1, why });
  const run = (...candidates: object[]) =>
    ({
      counted_by: "people",
      before: { people_not_covered: 900 },
      total: { people: 300 },
      candidates,
    }) as unknown as SitingResult;
  expect(beyondAll(run(candidate(50), candidate(400, { zh: "太小", en: "too small" })))).toBe(550);
  expect(beyondAll(run(candidate(700)))).toBe(0);
  expect(beyondAll(run(candidate(null)))).toBeNull();
});
