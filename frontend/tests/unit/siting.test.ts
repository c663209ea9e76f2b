import { expect, test } from "vitest";
import { beyondAll, drawnFrom, drawnText, type SitingResult } from "../../src/data/siting";

test("drawn candidates come back from the address, with their cost or without", () => {
  const points = [
    { lon: 112.1, lat: 30.8, cost_yuan: 500000 },
    { lon: -8.61, lat: 41.15, cost_yuan: null },
  ];
  expect(drawnFrom(drawnText(points))).toEqual(points);
});

test("what is no place falls away, and a cost that is none is not known", () => {
  expect(drawnFrom("x,y,1;200,10,5;;112,30,-4")).toEqual([{ lon: 112, lat: 30, cost_yuan: null }]);
  expect(drawnFrom(null)).toEqual([]);
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
