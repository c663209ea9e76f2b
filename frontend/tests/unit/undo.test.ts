import { expect, test } from "vitest";
import { steps } from "../../src/planner/tools/undo";

test("steps are undone and done again, and a new step forgets what was undone", () => {
  const edits = steps<readonly number[]>([]);
  edits.set([1]);
  edits.set([1, 2]);
  edits.undo();
  expect(edits.now.value).toEqual([1]);
  edits.redo();
  expect(edits.now.value).toEqual([1, 2]);
  edits.undo();
  edits.set([1, 3]);
  expect(edits.canRedo.value).toBe(false);
  edits.undo();
  edits.undo();
  edits.undo();
  expect(edits.now.value).toEqual([]);
  expect(edits.canUndo.value).toBe(false);
});

test("what is opened begins a history of its own", () => {
  const edits = steps<readonly number[]>([1]);
  edits.set([2]);
  edits.reset([9]);
  expect([edits.now.value, edits.canUndo.value, edits.canRedo.value]).toEqual([[9], false, false]);
});
