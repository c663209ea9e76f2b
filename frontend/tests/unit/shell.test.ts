// @vitest-environment happy-dom

import { expect, test } from "vitest";
import type { Job } from "../../src/data/activity";
import type { Me } from "../../src/data/me";
import { darkened, type StyleSheet } from "../../src/map/style";
import { chooseTheme, isDark } from "../../src/shared/looks";
import { matching } from "../../src/shell/area-list";
import { allOf } from "../../src/shell/area-switch";
import { coordinatesIn } from "../../src/shell/coordinates";
import { linkTo, pagesOf } from "../../src/shell/pages";
import { resultLink } from "../../src/shell/result-link";
import { onMap } from "../../src/shell/search-box";

test("coordinates are read as they are pasted; longitude comes first unless it cannot", () => {
  expect(coordinatesIn("114.05,30.5")).toEqual([114.05, 30.5]);
  expect(coordinatesIn(" 114.05， 30.5 ")).toEqual([114.05, 30.5]);
  expect(coordinatesIn("(114.05 30.5)")).toEqual([114.05, 30.5]);
  expect(coordinatesIn("30.5, 114.05")).toEqual([114.05, 30.5]);
  expect(coordinatesIn("-0.1;51.5")).toEqual([-0.1, 51.5]);
  expect(coordinatesIn("东经114.05° 北纬30.5°")).toEqual([114.05, 30.5]);
  expect(coordinatesIn("N30.5, E114.05")).toEqual([114.05, 30.5]);
  expect(coordinatesIn("30°30′0″N 114°3′0″E")).toEqual([114.05, 30.5]);
  expect(coordinatesIn("西经0.5 南纬10")).toEqual([-0.5, -10]);
  expect(coordinatesIn("北纬30.5 北纬30.5")).toBeNull();
  for (const other of ["990101001001", "114.05", "200, 95", "1,2,3", "示例路 5号", ""])
    expect(coordinatesIn(other)).toBeNull();
});

const who = (may: Me["may"]): Me => ({ may }) as Me;

test("only pages one may use are offered", () => {
  expect(pagesOf(null).map(({ path }) => path)).toEqual(["/map"]);
  expect(pagesOf(who({ read_runs: "all", read_audit: "none" })).map(({ path }) => path)).toEqual(["/map", "/board"]);
  const all = who({ read_runs: "all", review_photos: "own", manage_accounts: "all", read_audit: "own" });
  expect(pagesOf(all).map(({ path }) => path)).toEqual(["/map", "/board", "/photos", "/admin/accounts", "/audit"]);
});

test("the area one looks at goes along to the other page", () => {
  expect(linkTo("/board", "9901/1")).toBe("/board#area=9901%2F1");
  expect(linkTo("/map", "9901")).toBe("/map#feature=areas/9901");
  expect(linkTo("/audit", "9901")).toBe("/audit");
  expect(linkTo("/map", null)).toBe("/map");
});

test("what is found on another page opens on the map", () => {
  const thing = {
    layer: "facilities",
    code: "F 1",
    uid: "u",
    name: "x",
    address: null,
    title: "x",
    lon: 114,
    lat: 30.5,
    bounds: null,
  };
  expect(onMap({ thing })).toBe("/map#map=17/114.00000/30.50000&feature=facilities/F%201");
  expect(onMap({ thing: { ...thing, layer: "areas" } })).toBe("/map#feature=areas/F%201");
  expect(onMap({ at: [114, 30.5] })).toBe("/map#map=17/114/30.5&at=114,30.5");
});

test("a dark sheet has the colours the sheet names for it, and streets lighter than their edges", () => {
  const symbol = { fill: null, stroke: "#b9b2a6", dash: [] as number[] };
  const light = {
    background: "#fbfaf7",
    dark: { "#fbfaf7": "#1a2026", "#b9b2a6": "#4b555f" },
    layers: { ways: { default: { symbol }, rules: [] } },
    coverage: { shares: [{ fill: "#123456" }] },
  } as unknown as StyleSheet;
  const dark = darkened(light);
  expect(dark.is_dark).toBe(true);
  expect(dark.background).toBe("#1a2026");
  expect(dark.layers.ways?.default.symbol).toMatchObject({ stroke: "#4b555f", casing: "#1a2026" });
  expect(dark.coverage.shares[0]?.fill).toBe("#123456");
  expect(light.background).toBe("#fbfaf7");
});

test("a chosen theme is kept and is in force at once", () => {
  chooseTheme("dark");
  expect(isDark.value).toBe(true);
  expect(document.documentElement.dataset.theme).toBe("dark");
  expect(localStorage.getItem("looks.theme")).toBe("dark");
  chooseTheme("light");
  expect(document.documentElement.dataset.theme).toBe("light");
  chooseTheme("auto");
});

const job = (kind: string, parameters: Record<string, unknown>, run: string | null = "r1") =>
  ({ kind, parameters, run, uid: "j", status: "done", progress: 1, created_at: "", finished_at: "" }) as Job;

test("a finished analysis opens where it is shown", () => {
  expect(resultLink(job("gaps", { categories: ["clinic"] }))).toBe("/map#tool=gaps&t.run=r1&t.category=clinic");
  expect(resultLink(job("checklist", { community: "1" }))).toBe("/map#tool=checklist&t.run=r1");
  expect(resultLink(job("coverage", { categories: ["clinic"], circle: 15, minutes: null, by: "grid" }))).toBe(
    "/map#category=clinic&circle=15&by=grid",
  );
  expect(resultLink(job("coverage", { categories: ["clinic", "park"] }))).toBe("/board");
  expect(resultLink(job("gaps", {}, null))).toBeNull();
  expect(resultLink(job("scenario", {}))).toBeNull();
});

test("an area is found by part of its name, its code or the area around it", () => {
  const place = (code: string, name: string, within: string | null) =>
    ({ layer: "areas", code, name, level: "community", depth: 0, within }) as const;
  const all = [
    place("9901", "东街道", null),
    place("990101", "第一社区", "东街道"),
    place("990202", "第二社区", "西街道"),
  ];
  const codes = (words: string) => matching(all, words).map(({ code }) => code);
  expect(codes("社区")).toEqual(["990101", "990202"]);
  expect(codes("东 一")).toEqual(["990101"]);
  expect(codes("９９０２")).toEqual(["990202"]);
  expect(codes(" ")).toHaveLength(3);
  expect(codes("南")).toEqual([]);
});

test("who has one place finds its name where all areas would stand", () => {
  const one = { code: "990101001001", name: "示例第一社区" };
  expect(allOf({ areas: [one], grids: [] })).toBe("示例第一社区");
  expect(allOf({ areas: [one, { code: "990101001002", name: "示例第二社区" }], grids: [] })).toBe("全部区域");
  expect(allOf({ areas: [{ code: "990101001001", name: null }], grids: [] })).toBe("全部区域");
  expect(allOf({ areas: [], grids: [] })).toBe("全部区域");
});
