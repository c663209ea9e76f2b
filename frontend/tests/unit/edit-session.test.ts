// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { cornerOf, shapeFrom, shapeText } from "../../src/planner/edit/coordinates";
import { type Draft, draftKey, draftOf, dropDraft, keepDraft } from "../../src/planner/edit/draft";
import { differing, mergedValues } from "../../src/planner/edit/merging";
import { localMoment, momentFrom, numberFrom } from "../../src/planner/edit/typed-values";

test("coordinates are read as they are written, holes and parts among them", () => {
  const text = "112, 30\n112.1, 30\n112.1 30.1\n\n112.02，30.01\n112.03, 30.01\n112.03, 30.02\n---\n1,1\n2,1\n2,2\n1,1";
  const shape = shapeFrom("Polygon", text);
  expect("parts" in shape && shape.parts.map((rings) => rings.map((ring) => ring.length))).toEqual([[3, 3], [3]]);
  expect("parts" in shape && shapeFrom("Polygon", shapeText(shape))).toEqual(shape);
});

test("a wrong line is named with what is wrong with it", () => {
  expect(shapeFrom("Polygon", "1,1\n2\n3,3")).toEqual({ line: 2, why: "numbers" });
  expect(shapeFrom("Polygon", "1,1\n200,1\n3,3")).toEqual({ line: 2, why: "range" });
  expect(shapeFrom("Polygon", "1,1\n2,2")).toEqual({ line: 1, why: "few" });
  expect(shapeFrom("Polygon", "1,1\n2,2\n3,1\n\n1,2")).toEqual({ line: 5, why: "few" });
  expect(shapeFrom("Point", "1,1\n2,2")).toEqual({ line: 1, why: "several" });
  expect(shapeFrom("Line", "1,1\n2,2\n\n3,3\n4,4")).toEqual({ line: 4, why: "several" });
  expect(shapeFrom("Line", "")).toEqual({ line: 1, why: "few" });
  expect([cornerOf("112.1, 30"), cornerOf("112.1"), cornerOf("a, b")]).toEqual([[112.1, 30], null, null]);
});

const KEY = draftKey("boss", "grids", "G/1");
const draft: Draft = { at: 1000, version: 3, code: "", values: { name: "甲" }, base: { name: "乙" } };

beforeEach(() => window.localStorage.clear());

test("a draft is kept by person and thing until it is dropped or old", () => {
  expect(keepDraft(KEY, draft)).toBe(true);
  expect(draftOf(KEY, 2000)).toEqual(draft);
  expect(draftOf(draftKey("other", "grids", "G/1"), 2000)).toBeNull();
  expect(draftOf(KEY, 1000 + 31 * 24 * 3600 * 1000)).toBeNull();
  dropDraft(KEY);
  expect(draftOf(KEY, 2000)).toBeNull();
});

test("a browser that is full or keeps nothing says so, and broken drafts are none", () => {
  const full = {
    length: 0,
    key: () => null,
    getItem: () => "{",
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
    removeItem: () => {},
  };
  expect(keepDraft(KEY, draft, full)).toBe(false);
  expect(draftOf(KEY, 2000, full)).toBeNull();
});

test("only the newest drafts are kept", () => {
  for (let at = 1; at <= 30; at++) keepDraft(draftKey("boss", "grids", `G${at}`), { ...draft, at });
  expect(window.localStorage.length).toBe(20);
  expect(draftOf(draftKey("boss", "grids", "G30"), 100)?.at).toBe(30);
  expect(draftOf(draftKey("boss", "grids", "G1"), 100)).toBeNull();
});

test("two editors: each keeps what only one changed, and both are asked about the rest", () => {
  const base = { name: "甲", kind: "park", manager: null, area_m2: 5 };
  const mine = { name: "乙", manager: "张" };
  const theirs = { name: "丙", kind: "square", manager: "张", area_m2: 5 };
  const rows = differing(["name", "kind", "manager", "area_m2"], base, mine, theirs);
  expect(rows.map(({ field, by }) => [field, by])).toEqual([
    ["name", "both"],
    ["kind", "theirs"],
  ]);
  expect(mergedValues(rows, {})).toEqual({ name: "乙" });
  expect(mergedValues(rows, { name: "theirs", kind: "mine" })).toEqual({ kind: "park" });
});

test("numbers and moments are taken as typed", () => {
  expect([numberFrom(" 1,200.5 "), numberFrom(""), numberFrom("about 3")]).toEqual([1200.5, null, "about 3"]);
  expect(momentFrom(localMoment("2026-03-01T08:30:00Z"))).toBe("2026-03-01T08:30:00.000Z");
  expect([momentFrom(""), localMoment("no moment")]).toEqual([null, ""]);
});
