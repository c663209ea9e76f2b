import { expect, test } from "vitest";
import { drawnFrom, drawnText } from "../../src/data/siting";

test("drawn candidates come back from the address, with their cost or without", () => {
  const points = [
    { lon: 112.1, lat: 30.8, cost_yuan: 500000 },
    { lon: -8.61, lat: 41.15, cost_yuan: null },
  ];
  expect(drawnFrom(drawnText(points))).toEqual(points);
});

test("what is no place falls away, and a cost that is none is not known", () => {
  expect(drawnFrom("x,y,1;200,10,5;;112,30,-4")).toEqual([{ lon: 112, lat: 30, cost_yuan: null }]);
  expect(drawnFrom(null)).toEqual([]);
});
