import { expect, test } from "vitest";
import { read, type View, write } from "../../src/planner/address";

const view: View = {
  position: { zoom: 15, lon: 116.31812, lat: 39.99912 },
  lang: "en",
  shown: ["ways", "buildings"],
  base: { code: "tdt", strength: 60 },
  category: "supermarket",
  limit: { kind: "minutes", minutes: 10 },
  profile: "elder",
  by: "building",
  basis: "buildings",
  band: "80_plus",
  ifClosed: true,
  time: "22:30",
  selected: { kind: "home", code: "w12/3#甲&乙" },
  tool: { name: "gaps", asked: { category: "clinic", zone: "clinic/3" } },
  editing: { work: "edit", layer: "facilities", code: "f/1&乙" },
};

test("an address gives back the view it was made from", () => {
  expect(read(write(view))).toEqual(view);
  const place: View = {
    ...view,
    selected: { kind: "place", at: [116.32, 40.002] },
    limit: { kind: "circle", minutes: 5 },
  };
  expect(read(write(place))).toEqual(place);
  const strict: View = { ...view, limit: { kind: "circle", minutes: 15, strict: true } };
  expect(write(strict)).toContain("circle=15&strict=1");
  expect(read(write(strict))).toEqual(strict);
  const thing: View = { ...view, selected: { kind: "feature", layer: "green_spaces", code: "r/1" } };
  expect(read(write(thing))).toEqual(thing);
  const circles: View = { ...view, selected: { kind: "feature", layer: "facilities", code: "f/1", reach: true } };
  expect(write(circles)).toContain("feature=facilities/f/1&reach=1");
  expect(read(write(circles))).toEqual(circles);
});

test("how far and who walks of service circles is kept where no category is chosen", () => {
  const circles: View = {
    ...read(""),
    selected: { kind: "place", at: [116.32, 40.002] },
    limit: { kind: "minutes", minutes: 15 },
    profile: "by_age",
    band: "80_plus",
    time: "22:30",
  };
  expect(read(write(circles))).toEqual(circles);
  const strict: View = { ...circles, limit: { kind: "circle", minutes: 15, strict: true }, profile: "elder" };
  expect(read(write(strict))).toEqual(strict);
});

test("an empty address is the default view in the language of the reader", () => {
  const start = read("");
  expect(start.lang).toBeNull();
  expect(start.position).toBeNull();
  expect(start.shown).toBeNull();
  expect(start.limit).toEqual({ kind: "circle", minutes: 15 });
  expect(write(start)).toBe("");
});

test.each(["#map=x/y/z", "#map=99/0/0", "#map=3/999/0", "#at=a,b", "#circle=-5", "#lang=fr", "#feature=/", "#%%%"])(
  "a wrong address falls back to the default: %s",
  (hash) => {
    const found = read(hash);
    expect(found.position).toBeNull();
    expect(found.selected).toBeNull();
    expect(found.lang).toBeNull();
    expect(found.limit).toEqual({ kind: "circle", minutes: 15 });
  },
);

test("no layers at all is kept apart from layers not said", () => {
  expect(read(write({ ...view, shown: [] })).shown).toEqual([]);
  expect(read(write({ ...view, shown: null })).shown).toBeNull();
});

test("what is edited stands in the address; a work without its thing is none", () => {
  expect(read("#new=grids").editing).toEqual({ work: "new", layer: "grids", code: null });
  expect(read("#history=grids/G1").editing).toEqual({ work: "history", layer: "grids", code: "G1" });
  expect([read("#edit=grids").editing, read("#edit=").editing, read("#list=../x").editing]).toEqual([null, null, null]);
});

test("an unknown analysis and empty questions fall away", () => {
  expect(read("#tool=weather&t.category=clinic").tool).toBeNull();
  expect(read("#tool=gaps&t.category=clinic&t.zone=").tool).toEqual({ name: "gaps", asked: { category: "clinic" } });
});
