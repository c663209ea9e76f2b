// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { Effect, Headline } from "../../src/data/scenarios";
import type { DifferenceClass, StyleSheet, SymbolStyle } from "../../src/map/style";
import { changeOf, differenceClassOf, differenceSymbol } from "../../src/planner/tools/difference";
import { limitsText } from "../../src/planner/tools/difference-legend";
import { changesOf, differencePaint } from "../../src/planner/tools/difference-paint";
import { changeBetween } from "../../src/planner/tools/side-by-side";

const LIMITS = [-1, -0.2, -0.05, -0.01, 0.01, 0.05, 0.2, 1];
const classes = LIMITS.slice(1).map(
  (to_share, at): DifferenceClass => ({
    from_share: LIMITS[at] as number,
    to_share,
    symbol: { fill: `#00000${at}` } as SymbolStyle,
  }),
);
const no_data = { label: { zh: "", en: "" }, symbol: { fill: "#ffffff" } };
const unknown = { code: "unknown", symbol: { fill: "#b8b8b8" } };
const sheet = { coverage: { differences: classes, no_data, states: [unknown] } } as unknown as StyleSheet;
const placeOf = (change: number) => classes.indexOf(differenceClassOf(classes, change) as DifferenceClass);

const row = (more: Partial<Headline>) =>
  ({
    level: "grid",
    code: "G",
    people_total_before: 100,
    people_total_after: 100,
    people_total_difference: 0,
    people_unknown_before: 0,
    people_unknown_after: 0,
    people_covered_before: 40,
    people_covered_after: 60,
    people_covered_difference: 20,
    ...more,
  }) as Headline;

test("a change at a limit is of the class further from zero, on both sides alike", () => {
  expect([-1, -0.2, -0.05, -0.01, 0, 0.01, 0.05, 0.2, 1].map(placeOf)).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 6]);
  expect([-0.199, -0.049, -0.009, 0.009, 0.049, 0.199].map(placeOf)).toEqual([1, 2, 3, 3, 4, 5]);
  expect([0.65 - 0.6, 0.35 - 0.3, 0.6 - 0.65, 0.3 - 0.35].map(placeOf)).toEqual([5, 5, 1, 1]);
});

test("one more person and four thousand more do not look alike", () => {
  const few = row({ people_covered_after: 5001, people_covered_before: 5000, people_covered_difference: 1 });
  const town = { people_total_before: 10000, people_total_after: 10000 };
  const many = { people_covered_after: 9000, people_covered_before: 5000, people_covered_difference: 4000 };
  const changes = [changeOf({ ...few, ...town }, "people"), changeOf(row({ ...town, ...many }), "people")];
  expect(changes.map((change) => placeOf(change as number))).toEqual([3, 6]);
});

test("a change that is not told says why, and what stays as it is has none", () => {
  const hidden = { people_covered_before: null, people_covered_after: null, withheld: true };
  expect(changeOf(row({ ...hidden, people_covered_difference: null }), "people")).toBe("withheld");
  expect(changeOf(row({ ...hidden, people_covered_difference: 0 }), "people")).toBeUndefined();
  expect(changeOf(row({ people_unknown_before: 51 }), "people")).toBe("unknown");
  expect(changeOf(row({ people_unknown_before: 50 }), "people")).toBeCloseTo(0.2);
  expect(changeOf(row({ people_total_before: 0 }), "people")).toBe("no_data");
});

test("new homes that nothing reaches lower the share though nobody loses anything", () => {
  const homes = { people_total_after: 200, people_total_difference: 100, people_covered_difference: 0 };
  expect(changeOf(row({ ...homes, people_covered_after: 40 }), "people")).toBeCloseTo(-0.2);
});

test("places are coloured by their change and say how many people it is", () => {
  const rows = [row({ level: "total", code: null }), row({}), row({ code: "H", people_unknown_after: 90 })];
  const found = { by: "grid", people_basis: "households", headlines: rows } as unknown as Effect;
  const paint = differencePaint(sheet, found);
  expect(paint.symbolOf("G")).toBe(classes[6]?.symbol);
  expect(paint.symbolOf("H")).toBe(unknown.symbol);
  expect(paint.symbolOf("other")).toBeUndefined();
  expect(paint.textOf("G")).toBe(" +20");
  expect(changesOf(found).map((change) => typeof change)).toEqual(["number", "string"]);
});

test("two results differ by their shares; why they cannot be compared has a look of its own", () => {
  expect(changeBetween({ a: 0.5, b: 0.25 })).toBe(-0.25);
  expect(changeBetween({ a: 0.5, b: "unknown" })).toBe("unknown");
  expect(changeBetween({ a: "withheld", b: "unknown" })).toBe("withheld");
  expect(changeBetween({ a: "no_data", b: 1 })).toBe("no_data");
  expect(differenceSymbol(sheet, "unknown")).toBe(unknown.symbol);
  expect(differenceSymbol(sheet, "withheld")).toBe(no_data.symbol);
});

test("the legend says the limits of each class, the one nearer to zero first", () => {
  expect(classes.map(limitsText)).toEqual([
    "−20 及以下",
    "−5 至 −20",
    "−1 至 −5",
    "变化不到 1 个百分点",
    "+1 至 +5",
    "+5 至 +20",
    "+20 及以上",
  ]);
});
