// @vitest-environment happy-dom
import { render } from "preact";
import { afterEach, expect, test } from "vitest";
import { picking } from "../../src/planner/overlay-state";
import * as state from "../../src/planner/state";
import { EditTools, editText } from "../../src/planner/tools/scenario-edits";
import * as now from "../../src/planner/tools/scenario-state";
import type { LonLat } from "../../src/shared/api";

afterEach(() => {
  now.begin(null);
  now.edits.reset([]);
  now.homes.value = { residents: "", people: {}, refused: null };
});

function click(at: LonLat): void {
  const wanted = picking.peek();
  if (wanted?.kind === "place") wanted.take(at);
}

test("every act the server knows has its button in one list", () => {
  const box = document.createElement("div");
  render(<EditTools />, box);
  const names = [...box.querySelectorAll(".edit-kinds button")].map((button) => button.textContent);
  expect(names).toEqual([
    "增设设施",
    "迁移设施",
    "关闭设施",
    "改变容量",
    "向公众开放",
    "新增住宅",
    "开放出入口",
    "新增通道",
    "截断道路",
  ]);
});

test("new homes are set down once it is known how many live there", () => {
  state.tool.value = { name: "scenario", asked: { category: "kindergarten" } };
  now.begin("homes_add");
  click([112, 30]);
  expect([now.homes.value.refused, now.edits.now.value]).toEqual(["missing", []]);
  now.homes.value = { residents: "300", people: { "3_5": "400" }, refused: null };
  click([112, 30]);
  expect(now.homes.value.refused).toBe("over");
  now.homes.value = { residents: "300", people: { "3_5": "20" }, refused: null };
  click([112, 30]);
  expect(now.edits.now.value).toEqual([
    { edit: "homes_add", position: [112, 30], residents: 300, people: { "3_5": 20 } },
  ]);
  expect(editText(now.edits.now.value[0] as never)).toBe("新增住宅 300 人");
  expect(now.mode.value).toBeNull();
});

test("sharing a facility is an edit of its own", () => {
  now.share("f1");
  expect(now.edits.now.value).toEqual([{ edit: "facility_share", facility: "f1" }]);
});
