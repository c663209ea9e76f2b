// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Edit } from "../../src/data/scenarios";
import * as state from "../../src/planner/state";
import { asked, together } from "../../src/planner/tools/follow";
import { ELSEWHERE, editsFrom, editsText } from "../../src/planner/tools/scenario-draft";
import { followAddress, followKept, isMissing, keepDraft } from "../../src/planner/tools/scenario-kept";
import { edits } from "../../src/planner/tools/scenario-state";

const one: Edit = { edit: "facility_add", category: "clinic", name: "新诊所", position: [112.1, 30.8] };
const two: Edit = { edit: "homes_add", position: [112, 30], residents: 300, people: { "3_5": 20 } };
const many: Edit[] = [{ edit: "path_add", line: Array.from({ length: 500 }, (_, at) => [112 + at / 1e4, 30]) }];

let stop = () => {};
function open(said: Record<string, string> = {}): void {
  state.tool.value = { name: "scenario", asked: { category: "clinic", ...said } };
  stop = together(followKept(), followAddress(), keepDraft());
}
/** The page is loaded anew at the address it has. */
function reload(): void {
  stop();
  edits.reset([]);
  open({ ...state.tool.peek()?.asked });
}

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  stop();
  edits.reset([]);
  state.tool.value = null;
});

test("edits come back from the address as they were, what is no edit does not", () => {
  expect(editsFrom(editsText([one, two]))).toEqual([one, two]);
  expect(editsText([one, two])).toMatch(/^[\w-]+$/);
  for (const wrong of [null, "", ELSEWHERE, "%%%", "bnVsbA", "WzFd"]) expect(editsFrom(wrong)).toBeNull();
});

test("a reload keeps edits and the steps that led to them", () => {
  open();
  edits.set([one]);
  edits.set([one, two]);
  edits.undo();
  reload();
  expect([edits.now.value, edits.canUndo.value, edits.canRedo.value]).toEqual([[one], true, true]);
  edits.redo();
  expect(edits.now.value).toEqual([one, two]);
});

test("whoever opens the link sees the same edits", () => {
  open();
  edits.set([one, two]);
  sessionStorage.clear();
  reload();
  expect(edits.now.value).toEqual([one, two]);
  expect(isMissing.value).toBe(false);
});

test("going back in the browser undoes an edit", () => {
  open();
  edits.set([one]);
  const before = asked("edits");
  edits.set([one, two]);
  state.ask({ edits: before });
  expect([edits.now.value, edits.canRedo.value]).toEqual([[one], true]);
});

test("too many edits for a link stay in the tab, and elsewhere it is said that they are missing", () => {
  open();
  edits.set(many);
  expect(asked("edits")).toBe(ELSEWHERE);
  reload();
  expect([edits.now.value, isMissing.value]).toEqual([many, false]);
  stop();
  edits.reset([]);
  sessionStorage.clear();
  open({ edits: ELSEWHERE });
  expect([edits.now.value, isMissing.value]).toEqual([[], true]);
});

test("edits that are all undone do not come back by themselves", () => {
  open();
  edits.set([one]);
  edits.undo();
  expect([edits.now.value, asked("edits")]).toEqual([[], null]);
  reload();
  expect([edits.now.value, edits.canRedo.value]).toEqual([[], true]);
});

test("closing the analysis loses nothing", () => {
  open();
  edits.set([one]);
  state.closeTool();
  expect(edits.now.value).toEqual([one]);
});
