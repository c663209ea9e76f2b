// @vitest-environment happy-dom
/** The board's address, orders, weights, trends and cells. */
import { beforeEach, describe, expect, it } from "vitest";
import { nextSort, queryOf, readLook, START, withWhole, writeLook } from "../../src/board/address";
import { written } from "../../src/board/cells";
import { trendPlaces } from "../../src/board/charts";
import { plannerLink } from "../../src/board/planner-link";
import { sourceOf } from "../../src/board/project-form";
import { go, look } from "../../src/board/state";
import { weightsOf } from "../../src/board/weights";
import { groupsOf } from "../../src/board/worst-places";
import { read } from "../../src/planner/address";
import { lang } from "../../src/shared/lang";

beforeEach(() => {
  lang.value = "zh";
  look.value = START;
});

describe("the address", () => {
  it("holds everything one looks at, and gives it back", () => {
    const now = {
      ...START,
      view: "gaps" as const,
      area: "990101001003",
      category: "market",
      reason: "no_facility",
      weights: { "80_plus": 2, "0_2": 0.5 },
      sort: "-people",
      chosen: "market/1",
    };
    const hash = writeLook(now, "en");
    expect(readLook(hash)).toEqual({ look: now, lang: "en" });
  });

  it("is empty for the start", () => {
    expect(writeLook(START, "zh")).toBe("");
  });

  it("keeps the limit, that of the rules too", () => {
    for (const circle of [0, 5, 10])
      expect(readLook(writeLook({ ...START, view: "gaps", circle }, "zh")).look.circle).toBe(circle);
    expect(readLook("#circle=").look.circle).toBe(15);
  });

  it("takes what is wrong as the default", () => {
    const { look: read, lang: said } = readLook("#view=nothing&circle=7&weights=80_plus:x,0_2:-1,3_5:1000&lang=fr");
    expect(read).toEqual(START);
    expect(said).toBeNull();
  });

  it("asks the server only what belongs to the view", () => {
    expect(queryOf({ ...START, view: "gaps", circle: 5 })).toMatchObject({ circle: 5 });
    expect(queryOf({ ...START, view: "problems", circle: 5 })).toMatchObject({ circle: null });
    const asked = queryOf({ ...START, view: "short", reason: "no_facility", binding: "advice", weights: { "0_2": 2 } });
    expect(asked).toMatchObject({ reason: null, binding: "advice", weights: null, circle: null });
  });
});

describe("another look", () => {
  it("forgets order and choice of another area or view, and the level of another area", () => {
    look.value = { ...START, by: "grid", sort: "name", chosen: "x" };
    go({ category: "market" });
    expect(look.value).toMatchObject({ by: "grid", sort: "name", chosen: "x" });
    go({ area: "99" });
    expect(look.value).toMatchObject({ by: null, sort: null, chosen: null, category: "market" });
    go({ view: "projects", chosen: "projects/P1" });
    expect(look.value.chosen).toBe("projects/P1");
  });
});

it("turns the order down, up, and back to the worst first", () => {
  expect(nextSort(null, "people")).toBe("-people");
  expect(nextSort("-people", "people")).toBe("people");
  expect(nextSort("people", "people")).toBeNull();
  expect(nextSort("people", "name")).toBe("-name");
});

it("keeps weights other than one that are numbers from 0 to 100", () => {
  const given = { "0_2": "3", "3_5": "1", "6_11": "", "65_79": "x", "80_plus": "0" };
  expect(weightsOf(["0_2", "3_5", "6_11", "65_79", "80_plus"], given)).toEqual({ "0_2": 3, "80_plus": 0 });
});

describe("a trend", () => {
  const point = (share: number | null) => ({ as_of: "2026-01-01", uid: "u", code_version: "1", share });

  it("goes from the left to the right, the largest share on top", () => {
    const places = trendPlaces([point(0.2), point(0.6), point(0.4)]);
    expect(places.map(({ x }) => x)).toEqual([...places.map(({ x }) => x)].sort((a, b) => a - b));
    expect(Math.min(...places.map(({ y }) => y))).toBe(places[1]?.y);
  });

  it("leaves out what is not known, and draws one level in the middle", () => {
    expect(trendPlaces([point(0.5), point(null), point(0.5)]).map(({ y }) => y)).toEqual([13, 13]);
    expect(trendPlaces([point(null)])).toEqual([]);
  });
});

it("writes values by their kind, and nothing as null", () => {
  const column = (key: string, kind: string) => ({ key, kind, label: null });
  expect(written(column("people_covered_share", "share"), 0.25)).toBe("25%");
  expect(written(column("change", "points"), 0.031)).toBe("+3.1");
  expect(written(column("people", "number"), null)).toBeNull();
  expect(written(column("people", "number"), 0)).toBe("0");
  expect(written(column("kind", "text"), { zh: "甲", en: "A" })).toBe("甲");
});

it("says what a project is against, so that lists find it again", () => {
  const analyses = [{ kind: "gaps", question: {}, earlier: 0, run: { uid: "U" } }] as never;
  expect(sourceOf({ analyses }, { key: "market/3", category_code: "market" })).toBe("gap/market/3 run U");
  expect(sourceOf({ analyses: [] }, { key: "9/CRC-01/0" })).toBe("short/9/CRC-01/0 run ");
});

it("leads from a gap to its zone in the run on the map, from anything else to coverage", () => {
  const run = { uid: "U" };
  const now = { analyses: [{ kind: "gaps", question: { circle: 15, strict: true }, run }] } as never;
  const corners = [[116.3, 40] as const, [116.4, 40] as const, [116.4, 40.1] as const, [116.3, 40] as const];
  const geometry = { type: "Polygon", coordinates: [corners] } as never;
  const view = read(plannerLink(now, { key: "market/3", category_code: "market", geometry }).replace("/map", ""));
  expect(view.position).toEqual({ zoom: 16, lon: 116.35, lat: 40.05 });
  const asked = { category: "market", circle: "15", strict: "1", run: "U", zone: "3" };
  expect(view.tool).toEqual({ name: "gaps", asked });
  const part = { key: "A", category_code: "market", circle: 10, place: { layer: "areas", code: "A/1", name: "A" } };
  expect(read(plannerLink({ analyses: [] } as never, part as never).replace("/map", ""))).toMatchObject({
    category: "market",
    limit: { kind: "circle", minutes: 10 },
    selected: { kind: "feature", layer: "areas", code: "A/1" },
    tool: null,
  });
});

it("lists a place whole and no longer, and forgets that with the level", () => {
  expect(withWhole(null, "A", true)).toBe("A");
  expect(withWhole("A,B", "A", false)).toBe("B");
  expect(withWhole("B", "B", false)).toBeNull();
  look.value = { ...START, by: "grid", whole: "A" };
  expect(queryOf(look.value)).toMatchObject({ whole: "A" });
  expect(queryOf({ ...look.value, category: "market" })).toMatchObject({ whole: null });
  go({ by: "community" });
  expect(look.value.whole).toBeNull();
});

it("stands each place once, homes outside every part last of all in one", () => {
  const row = (key: string, code: string | null) => ({
    key,
    name: key,
    place: code === null ? null : { layer: "areas", code, name: code },
  });
  const groups = groupsOf([row("1", "A"), row("2", "A"), row("3", null)]);
  expect(groups.map(({ code, rows }) => [code, rows.length])).toEqual([
    ["A", 2],
    ["none", 1],
  ]);
});
