// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, test } from "vitest";
import { calledOf } from "../../src/planner/names";
import { noteText } from "../../src/planner/reading-choice";
import * as state from "../../src/planner/state";
import { WalkerChoice } from "../../src/planner/walker-choice";

afterEach(() => {
  state.select(null);
  state.category.value = null;
  state.ifClosed.value = false;
  state.profile.value = "standard";
  state.band.value = "served";
});

test("the answer to a category takes the place of the details of a thing, not of a home or of the one sheet", () => {
  state.select({ kind: "feature", layer: "facilities", code: "f1" });
  state.lookAt("clinic", true);
  expect(state.rightTab.value).toBe("details");
  state.lookAt("clinic", false);
  expect([state.category.value, state.rightTab.value]).toEqual(["clinic", "results"]);
  state.select({ kind: "home", code: "b1" });
  state.lookAt("supermarket", false);
  expect(state.rightTab.value).toBe("details");
});

test("a note on closures says which of the two readings is looked at", () => {
  const note = {
    key: "note.closures_unknown",
    facts: { count: 5, named: ["东园", "西园", "南门"] },
    zh: "数字按开放计算",
    en: "",
  };
  const run = { if_closed: {} };
  expect(noteText(note, run)).toBe("数字按开放计算");
  state.ifClosed.value = true;
  expect(noteText(note, run)).toBe(
    "有 5 个小区或出入口是否封闭不详（东园、西园、南门等）：这里的数字按封闭计算。请先核实。",
  );
  expect(noteText(note, {})).toBe("数字按开放计算");
  expect(noteText({ ...note, key: "note.gates_far" }, run)).toBe("数字按开放计算");
});

test("a thing is called by its name, else by its address", () => {
  expect(calledOf({ name: "3号楼", address: "学院路30号" })).toBe("3号楼");
  expect(calledOf({ name: null, address: "学院路30号" })).toBe("学院路30号");
  expect(calledOf({ name: "", code: "b1" })).toBeNull();
});

test("where one way of walking is asked, every band by its own is not offered", () => {
  state.profile.value = "by_age";
  const box = document.createElement("div");
  render(<WalkerChoice isOne />, box);
  expect(box.querySelector('option[value="by_age"]')).toBeNull();
  expect(box.querySelector('option[value="by_age/80_plus"]')).not.toBeNull();
});
