// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { pixelsOf } from "../../src/map/sources";
import { shareOf, sideBySide } from "../../src/planner/tools/side-by-side";
import type { CoverageRow } from "../../src/shared/api";

const row = (code: string, share: number | null, more: Partial<CoverageRow> = {}) =>
  ({
    code,
    name: null,
    people_covered_share: share,
    people_total: 10,
    buildings_covered_share: 0.9,
    ...more,
  }) as CoverageRow;
const rows = (...list: CoverageRow[]) => new Map(list.map((one) => [one.code as string, one]));

test("the largest change comes first and what one side does not know last", () => {
  const a = rows(row("A", 0.5), row("B", 0.5), row("C", null), row("none", 0.1));
  const b = rows(row("A", 0.6), row("B", 0.1), row("C", 0.4), row("D", 1), row("none", 0.9));
  const sides = sideBySide(a, b);
  expect(sides.map(({ code }) => code)).toEqual(["B", "A", "C", "D"]);
  expect(sides[0]?.difference).toBeCloseTo(-0.4);
  expect(sides[3]).toMatchObject({ a: "no_data", b: 1, difference: null });
});

test("buildings stand in only where residents are not known at all, never for what is withheld", () => {
  expect(shareOf(row("A", null, { people_total: null }))).toBe(0.9);
  expect(shareOf(row("A", null, { people_total: null, withheld: true }))).toBe("withheld");
});

test("a share that is not told says why, and is no change", () => {
  expect(shareOf(row("A", null))).toBe("no_data");
  expect(shareOf(row("A", null, { withheld: true }))).toBe("withheld");
  expect(shareOf(row("A", 0.2, { people_unknown_share: 0.7 }))).toBe("unknown");
  expect(shareOf(undefined)).toBe("no_data");
  const [side] = sideBySide(rows(row("A", 1)), rows(row("A", null, { withheld: true })));
  expect(side).toMatchObject({ a: 1, b: "withheld", difference: null });
});

test("a meridian lies on the same ground on every canvas", () => {
  expect(pixelsOf([0, 0.5], { z: 1, x: 0 })).toEqual([0, 256]);
  expect(pixelsOf([0.5, 1], { z: 2, x: 1 })).toEqual([0, 512]);
});
