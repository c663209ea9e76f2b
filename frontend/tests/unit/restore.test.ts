// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { stakeText } from "../../src/planner/edit/restore";
import { lang } from "../../src/shared/lang";

test("what restoring one part does to the other is said with its name and area", () => {
  lang.value = "zh";
  const partner = { code: "GS0013", name: "绿地 (2)", version: 2, area_m2: 368.2, length_m: null };
  expect(stakeText({ ...partner, becomes: "lost" })).toMatch(/绿地 \(2\)（GS0013） 的 368 .*不属于任何一个/);
  expect(stakeText({ ...partner, becomes: "doubled" })).toMatch(/368 .*同时属于它和 绿地 \(2\)（GS0013）/);
  const line = { ...partner, name: null, area_m2: null, length_m: 40 };
  expect(stakeText({ ...line, becomes: "lost" })).toContain("GS0013 的 40");
});
