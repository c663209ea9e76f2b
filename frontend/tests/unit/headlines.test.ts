import { expect, test } from "vitest";
import { bandsOf, ofBands, SERVED } from "../../src/data/headlines";
import type { CoverageRow } from "../../src/shared/api";

const row = (
  band: string,
  total: number | null,
  covered: number | null,
  more: Partial<CoverageRow> = {},
): CoverageRow =>
  ({
    code: "A",
    category: "elder_station",
    band,
    people_total: total,
    people_covered: covered,
    people_not_covered: total === null || covered === null ? null : total - covered,
    people_unknown: total === null ? null : 0,
    mean_m: 100,
    reached_share: 1,
    ...more,
  }) as CoverageRow;

test("the bands a category is there for, or the one chosen", () => {
  expect(bandsOf(SERVED, ["3_5"])).toEqual(["3_5"]);
  expect(bandsOf(SERVED, [])).toEqual(["all"]);
  expect(bandsOf(SERVED, undefined)).toEqual(["all"]);
  expect(bandsOf("80_plus", ["3_5"])).toEqual(["80_plus"]);
});

test("several bands are added, their walks weighed by who reaches one", () => {
  const found = ofBands(
    [row("all", 999, 1), row("65_79", 30, 30), row("80_plus", 10, 0, { mean_m: 300 })],
    ["65_79", "80_plus"],
  );
  expect(found?.people_total).toBe(40);
  expect(found?.people_covered_share).toBe(0.75);
  expect(found?.mean_m).toBe(150);
});

test("what is withheld of one is withheld of all", () => {
  const rows = [row("65_79", 30, 30, { withheld: false }), row("80_plus", null, null, { withheld: true })];
  const found = ofBands(rows, ["65_79", "80_plus"]);
  expect(found?.people_total).toBeNull();
  expect(found?.withheld).toBe(true);
});

test("rows of everybody stand in where there are none by age", () => {
  expect(ofBands([row("all", 999, 1)], ["65_79", "80_plus"])?.people_total).toBe(999);
  expect(ofBands([row("all", 999, 1)], ["3_5"])).toBeUndefined();
});
