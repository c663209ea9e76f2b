import { expect, test } from "vitest";
import { type CapacityResult, type CapacityRow, figureOf, isOfFew, stepOf, stepsOf } from "../../src/data/capacity";

const row = (places_per_1000: number | null): CapacityRow => ({
  level: "grid",
  code: "G1",
  name: null,
  buildings_total: 1,
  places_per_1000,
});
const result = (changes: Partial<CapacityResult>): CapacityResult => ({
  uid: "1",
  parameters: {},
  created_at: "2026-01-01T00:00:00Z",
  code_version: "0",
  notes: [],
  category: "kindergarten",
  measure: "catchment",
  by: "grid",
  bands: ["3_5"],
  unit: "places",
  totals: [],
  rows: [],
  ...changes,
});

test("classes stand around what is looked for, and nothing within reach is a class of its own", () => {
  const steps = stepsOf(result({ needed_per_1000: 900 }));
  expect(steps.map(({ from }) => from)).toEqual([0, 450, 900, 1350, 1800]);
  expect(steps[4]?.to).toBeNull();
  expect([0, 1, 449, 450, 900, 5000].map((figure) => stepOf(steps, figure))).toEqual([-1, 0, 0, 1, 2, 4]);
});

test("without a figure looked for, classes are fifths of the largest; of nothing, they still are classes", () => {
  expect(stepsOf(result({ rows: [row(50), row(null)] })).map(({ from }) => from)).toEqual([0, 10, 20, 30, 40]);
  expect(stepsOf(result({})).every(({ from }) => Number.isFinite(from))).toBe(true);
  expect(figureOf(row(null))).toBeNull();
});

test("a number per 1,000 of a handful of people is none", () => {
  const few = { ...row(48_000), people_total: 5 };
  expect(figureOf(few)).toBeNull();
  expect(isOfFew(few)).toBe(true);
  const many = { ...row(900), people_total: 20 };
  expect(figureOf(many)).toBe(900);
  expect(isOfFew(many)).toBe(false);
  expect(isOfFew({ ...row(null), people_total: 5 })).toBe(false);
});
