import { expect, test } from "vitest";
import { cornersFrom, cornersText, MOST_CORNERS, ringOf, withinOf } from "../../src/data/drawn-shape";
import { editsOf, type Site } from "../../src/data/siting";

test("corners stand in the address, and what is no place is left out", () => {
  expect(
    cornersText([
      [112.1000004, 30.8],
      [112.2, 30.9],
    ]),
  ).toBe("112.1,30.8;112.2,30.9");
  expect(cornersFrom("112.1,30.8;x,1;200,1;112.2,30.9")).toEqual([
    [112.1, 30.8],
    [112.2, 30.9],
  ]);
  expect(cornersFrom(null)).toEqual([]);
});

test("a polygon has three corners at least, a rectangle two opposite ones in any order", () => {
  expect(
    ringOf("polygon", [
      [0, 0],
      [1, 0],
    ]),
  ).toBeNull();
  expect(
    withinOf(
      ringOf("polygon", [
        [0, 0],
        [1, 0],
        [1, 1],
      ]) ?? [],
    ),
  ).toBe("POLYGON((0 0,1 0,1 1,0 0))");
  expect(
    ringOf("box", [
      [1, 1],
      [0, 0],
    ]),
  ).toEqual([
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
    [0, 0],
  ]);
  expect(
    ringOf("box", [
      [1, 1],
      [1, 0],
    ]),
  ).toBeNull();
  expect(
    ringOf("points", [
      [0, 0],
      [1, 0],
      [1, 1],
    ]),
  ).toBeNull();
});

test("a site is supposed as what it is: built, shared, opened, joined", () => {
  const site = { code: "c", name: null, lon: 1, lat: 2 } as Site;
  const edits = editsOf(
    "clinic",
    [
      { ...site, kind: "space" },
      { ...site, kind: "share" },
      { ...site, kind: "gate" },
      {
        ...site,
        kind: "crossing",
        line: [
          [1, 2],
          [1, 3],
        ],
      },
    ],
    () => "here",
  );
  expect(edits).toEqual([
    { edit: "facility_add", category: "clinic", name: "here", position: [1, 2] },
    { edit: "facility_share", facility: "c" },
    { edit: "gate_open", gate: "c" },
    {
      edit: "path_add",
      line: [
        [1, 2],
        [1, 3],
      ],
      step_free: true,
    },
  ]);
});

test("a shape of the most corners fits into the address of a request and into a saved view", () => {
  const at = -116.12345678;
  const corners = Array.from({ length: MOST_CORNERS }, (_, n): [number, number] => [at, -40.1234567 - n / 1e5]);
  const within = withinOf(ringOf("polygon", corners) ?? []);
  expect(within).not.toMatch(/\.\d{7}/);
  expect(String(new URLSearchParams({ within })).length).toBeLessThan(7000);
  expect(cornersText(corners).length).toBeLessThan(3600);
});
