// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { sortRows, turned } from "../../src/planner/sorting";
import type { CoverageRow } from "../../src/shared/api";

const row = (code: string, covered: number | null, total: number): CoverageRow =>
  ({ code, name: code, people_covered_share: covered, people_total: total, mean_m: total }) as CoverageRow;

const codes = (rows: CoverageRow[]) => rows.map(({ code }) => code);

test("the unknown comes last in both directions", () => {
  const rows = [row("a", null, 1), row("b", 0.9, 2), row("c", 0.1, 3)];
  expect(codes(sortRows(rows, { column: "covered", isDown: false }, "people"))).toEqual(["c", "b", "a"]);
  expect(codes(sortRows(rows, { column: "covered", isDown: true }, "people"))).toEqual(["b", "c", "a"]);
});

test("homes in no area have no code and do no harm", () => {
  const rest = { ...row("x", 0.5, 1), code: null, name: null };
  expect(sortRows([row("b", 0.5, 1), rest], { column: "covered", isDown: false }, "people")[0]).toBe(rest);
  expect(sortRows([row("b", 0.5, 1), rest], { column: "name", isDown: false }, "people")[0]).toBe(rest);
});

test("equal figures keep the order of codes", () => {
  const rows = [row("b", 0.5, 1), row("a", 0.5, 1)];
  expect(codes(sortRows(rows, { column: "covered", isDown: false }, "people"))).toEqual(["a", "b"]);
});

test("a second click turns the order round", () => {
  const first = turned({ column: "name", isDown: false }, "total");
  expect(first).toEqual({ column: "total", isDown: true });
  expect(turned(first, "total")).toEqual({ column: "total", isDown: false });
});
