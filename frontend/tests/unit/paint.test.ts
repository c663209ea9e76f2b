// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { boxOf, type TileFeature } from "../../src/map/decode";
import { type CoveragePaint, type Paint, passesFor } from "../../src/map/paint";
import type { LayerStyle, Properties, StyleSheet, SymbolStyle } from "../../src/map/style";
import { classOf, widthAt } from "../../src/map/style";

const symbol = (fill: string | null, more: Partial<SymbolStyle> = {}): SymbolStyle => ({
  fill,
  fill_opacity: 1,
  stroke: "#333333",
  width_px: 1,
  dash: [],
  shape: "circle",
  radius_px: 5,
  glyph: null,
  pattern: "none",
  ...more,
});
const label = { zh: "", en: "" };
const layer = (order: number, base: SymbolStyle, rules: LayerStyle["rules"] = []): LayerStyle => ({
  label,
  geometry: "Geometry",
  order,
  min_zoom: 10,
  on_at_start: true,
  default: { label, symbol: base },
  rules,
});
const sheet: StyleSheet = {
  version: "1",
  background: "#ffffff",
  layers: {
    buildings: layer(40, symbol("#bbbbbb")),
    areas: layer(80, symbol(null)),
    ways: layer(30, symbol(null, { width_px: 2 }), [
      { field: "highway", values: ["footway"], label, symbol: symbol(null, { dash: [2, 2] }) },
    ]),
  },
  coverage: {
    states: [
      { code: "covered", value: 1, label, symbol: symbol("#0000ff") },
      { code: "not_covered", value: 0, label, symbol: symbol("#ff0000") },
      { code: "unknown", value: 2, label, symbol: symbol("#888888") },
    ],
    shares: [
      { from_share: 0, to_share: 0.5, fill: "#eeeeee", fill_opacity: 0.6, stroke: null },
      { from_share: 0.5, to_share: 1, fill: "#000088", fill_opacity: 0.6, stroke: null },
    ],
    differences: [],
    order: 8,
    no_data: { label, symbol: symbol(null, { pattern: "hatch" }) },
  },
  gaps: {},
  sites: {},
  circles: [],
  marks: {},
};
const feature = (name: string, properties: Properties): TileFeature => {
  const rings = [Int16Array.from([0, 0, 9, 0, 9, 9])];
  return { layer: name, kind: "polygon", properties, rings, box: boxOf(rings) };
};
const painted = (coverage: CoveragePaint | null, shown = ["buildings", "areas", "ways"]): Paint => ({
  sheet,
  shown: new Set(shown),
  levels: ["community"],
  coverage,
});
const shares = (code: string) => ({ a: 0.2, b: null, c: 1, d: "unknown" as const })[code];
const byArea: CoveragePaint = { category: "park", runUid: "u", layer: "areas", shareOf: shares };
const byBuilding: CoveragePaint = { ...byArea, layer: "buildings" };

test("layers come in the sheet's order and only those shown", () => {
  expect(passesFor(painted(null), 16).map((pass) => pass.layer)).toEqual([
    "ways",
    "ways",
    "ways",
    "buildings",
    "areas",
  ]);
  expect(passesFor(painted(null, ["areas"]), 16).map((pass) => pass.layer)).toEqual(["areas"]);
});

test("areas are filled by their share, hatched without figures, left alone when not in the result", () => {
  const fill = passesFor(painted(byArea), 16)[0];
  expect(fill?.layer).toBe("areas");
  expect(fill?.symbolOf(feature("areas", { code: "a" }))?.fill).toBe("#eeeeee");
  expect(fill?.symbolOf(feature("areas", { code: "c" }))?.fill).toBe("#000088");
  expect(fill?.symbolOf(feature("areas", { code: "b" }))?.pattern).toBe("hatch");
  expect(fill?.symbolOf(feature("areas", { code: "d" }))?.fill).toBe("#888888");
  expect(fill?.symbolOf(feature("areas", { code: "z" }))).toBeNull();
});

test("homes take the colour of their state from the run's tiles, other buildings stay quiet", () => {
  const pass = passesFor(painted(byBuilding, []), 16)[0];
  expect(pass).toMatchObject({ layer: "buildings", query: "?run=u" });
  expect(pass?.symbolOf(feature("buildings", { code: "1", s_park: 1 }))?.fill).toBe("#0000ff");
  expect(pass?.symbolOf(feature("buildings", { code: "1", s_park: 0 }))?.fill).toBe("#ff0000");
  expect(pass?.symbolOf(feature("buildings", { code: "1", s_park: 2 }))?.fill).toBe("#888888");
  expect(pass?.symbolOf(feature("buildings", { code: "2" }))?.fill).toBe("#ffffff");
});

test("cells are drawn stronger the more they hold", () => {
  const pass = passesFor(painted(null, ["buildings"]), 12)[0];
  const opacity = (count: number) => pass?.symbolOf(feature("buildings", { count }))?.fill_opacity ?? 0;
  expect(opacity(1)).toBeLessThan(opacity(30));
  expect(opacity(30)).toBeLessThan(opacity(5000));
  expect(pass?.symbolOf(feature("buildings", { count: 0 }))).toBeNull();
});

test("the same symbol object is given each time, since drawing groups by it", () => {
  const [first, second] = [passesFor(painted(byArea), 16)[0], passesFor(painted(byArea), 16)[0]];
  expect(first?.symbolOf(feature("areas", { code: "a" }))).toBe(second?.symbolOf(feature("areas", { code: "a" })));
});

test("paths wait for larger maps", () => {
  const path = feature("ways", { code: "p", highway: "footway" });
  const drawn = (zoom: number) => passesFor(painted(null, ["ways"]), zoom).some((pass) => pass.symbolOf(path));
  expect(drawn(14)).toBe(false);
  expect(drawn(16)).toBe(true);
});

test("classes and widths hold at their ends", () => {
  expect(classOf(sheet.coverage.shares, 1)?.fill).toBe("#000088");
  expect(classOf(sheet.coverage.shares, 0.5)?.fill).toBe("#000088");
  expect(widthAt(2, 16)).toBe(2);
  expect(widthAt(2, 5)).toBe(0.5);
  expect(widthAt(2, 19)).toBeGreaterThan(6);
});
