// @vitest-environment happy-dom
import { afterEach, expect, test } from "vitest";
import { catalogue } from "../../src/data/catalogue";
import { ruleText } from "../../src/planner/rule-text";
import { limit, limitQuery } from "../../src/planner/state";
import { lang } from "../../src/shared/lang";

afterEach(() => {
  lang.value = "zh";
  limit.value = { kind: "circle", minutes: 15 };
});

test("the stricter circle is asked for and said with its distance", async () => {
  const circles = [{ minutes: 15, distance_m: 1000, stricter_distance_m: 800, label: { zh: "", en: "" } }];
  const value = { summary: {}, start: null, layers: [], categories: [], profiles: [], circles };
  await catalogue.load(async () => value as never);
  limit.value = { kind: "circle", minutes: 15, strict: true };
  expect(limitQuery.value).toEqual({ circle: 15, strict: true });
  const said = (metres: number) => ruleText({ kind: "distance", minutes: 15, metres }, "standard");
  expect(said(800)).toMatch(/^按距离：15 分钟生活圈（从严）.*800/);
  expect(said(1000)).not.toContain("从严");
  expect(said(400)).toMatch(/服务半径.*400/);
  lang.value = "en";
  expect(said(800)).toMatch(/strict.*800/);
});

test("where everybody walks by age no single distance is said", () => {
  const rule = { kind: "time", minutes: 10, metres: 667 } as const;
  expect(ruleText(rule, "by_age")).toMatch(/10 分钟.*自己的速度/);
  expect(ruleText(rule, "by_age")).not.toContain("667");
  expect(ruleText(rule, "elder")).toContain("667");
});
