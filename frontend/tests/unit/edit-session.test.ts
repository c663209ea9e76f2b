// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { cornerOf, shapeFrom, shapeText, swapped, swappedList } from "../../src/planner/edit/coordinates";
import { type Draft, draftKey, draftOf, dropDraft, keepDraft } from "../../src/planner/edit/draft";
import { differing, mergedValues, undecided } from "../../src/planner/edit/merging";
import * as session from "../../src/planner/edit/session";
import { localMoment, momentFrom, numberFrom } from "../../src/planner/edit/typed-values";
import { undoing } from "../../src/planner/edit/undo-keys";

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
  expect(shapeFrom("Point", "1,1\n2,2", false)).toEqual({ line: 2, why: "several" });
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
  expect(undecided(rows, {})).toEqual(["name"]); // nothing is chosen for anybody
  expect(undecided(rows, { name: "mine" })).toEqual([]);
  expect(mergedValues(rows, { name: "mine" })).toEqual({ name: "乙" });
  expect(mergedValues(rows, { name: "theirs", kind: "mine" })).toEqual({});
  const alone = differing(["name", "kind"], base, { kind: "garden" }, { name: "丙", kind: "park" });
  expect(alone.map(({ field, by }) => [field, by])).toEqual([
    ["name", "theirs"],
    ["kind", "mine"],
  ]);
  expect([undecided(alone, {}), mergedValues(alone, {})]).toEqual([[], { kind: "garden" }]);
});

test("numbers and moments are taken as typed", () => {
  expect([numberFrom(" 1,200.5 "), numberFrom(""), numberFrom("about 3")]).toEqual([1200.5, null, "about 3"]);
  expect(momentFrom(localMoment("2026-03-01T08:30:00Z"))).toBe("2026-03-01T08:30:00.000Z");
  expect([momentFrom(""), localMoment("no moment")]).toEqual([null, ""]);
});

test("several points are a shape of one point a line", () => {
  const shape = shapeFrom("Point", "112, 30\n112.1, 30.1");
  expect(shape).toEqual({ kind: "Point", parts: [[[[112, 30]]], [[[112.1, 30.1]]]] });
  expect("parts" in shape && shapeText(shape)).toBe("112, 30\n112.1, 30.1");
});

test("latitude written first is noticed, and nothing else", () => {
  const wuhan: [number, number, number, number] = [113.7, 29.9, 115, 31.3];
  const urumqi: [number, number, number, number] = [87.4, 43.6, 87.8, 44];
  expect(swapped([30.8, 112.1], null)).toEqual([112.1, 30.8]); // no such latitude
  expect(swapped([43.8, 87.6], null)).toBeNull(); // both are places
  expect(swapped([43.8, 87.6], urumqi)).toEqual([87.6, 43.8]); // but one of them is here
  expect(swapped([114, 30], wuhan)).toBeNull();
  expect(swapped([87.6, 43.8], wuhan)).toBeNull(); // far off either way
  expect(swapped([30, 200], null)).toBeNull();
  expect(swappedList("Line", "30, 112\n 30.1，112.1\n", wuhan)).toBe("112, 30\n 112.1，30.1\n");
  expect(swappedList("Line", "112, 30\n112.1, 30.1", wuhan)).toBeNull();
  expect(swappedList("Polygon", "30, 112\n30.1, 112.1", wuhan)).toBeNull(); // is no shape either way
});

const key = (press: string, more: Partial<KeyboardEventInit> = {}, target: HTMLElement = document.body) => {
  let told: string | null = null;
  const listen = (event: KeyboardEvent) => {
    told = undoing(event);
  };
  document.addEventListener("keydown", listen, { once: true });
  target.dispatchEvent(new KeyboardEvent("keydown", { key: press, ctrlKey: true, bubbles: true, ...more }));
  return told;
};

test("keys undo and redo, but not in a box that undoes its own typing", () => {
  expect([key("z"), key("y"), key("Z", { shiftKey: true })]).toEqual(["undo", "redo", "redo"]);
  expect(key("z", { ctrlKey: false, metaKey: true })).toBe("undo");
  expect([key("z", { ctrlKey: false }), key("x"), key("z", { altKey: true })]).toEqual([null, null, null]);
  const box = document.body.appendChild(document.createElement("input"));
  const choice = document.body.appendChild(document.createElement("select"));
  expect([key("z", {}, box), key("z", {}, choice)]).toEqual([null, "undo"]);
});

test("drawing and fields go back step by step, typing in one box is one step", () => {
  session.setShape({ kind: "Point", parts: [[[[1, 2]]]] });
  session.setValue("name", "a", true);
  session.setValue("name", "ab", true);
  session.setValue("kind", "park");
  session.undo();
  expect([session.given("kind"), session.given("name")]).toEqual([undefined, "ab"]);
  session.undo();
  expect([session.given("name"), session.shape.value !== null, session.canRedo.value]).toEqual([undefined, true, true]);
  session.redo();
  session.setValue("name", "abc", true); // begins a step of its own after going back
  session.undo();
  expect(session.given("name")).toBe("ab");
  session.draw("new", "Line");
  session.place([1, 1]);
  session.place([2, 2]);
  session.undo();
  expect(session.drawing.value?.points).toEqual([[1, 1]]);
  session.redo();
  expect([session.drawing.value?.points, session.canRedo.value]).toEqual([
    [
      [1, 1],
      [2, 2],
    ],
    false,
  ]);
  session.cancelDrawing();
});
