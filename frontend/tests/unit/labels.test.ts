import { expect, test } from "vitest";
import { alongLine, type Candidate, Occupied, place } from "../../src/map/labels";

const label = (text: string, x: number, weight: number): Candidate => ({
  text,
  x,
  y: 0,
  angle: 0,
  weight,
  size: 12,
  colour: "#000",
  apart: 100,
});

test("the weightier name wins where two collide", () => {
  const placed = place([label("lane", 10, 1), label("avenue", 20, 9)], () => 40, new Occupied());
  expect(placed.map(({ text }) => text)).toEqual(["avenue"]);
});

test("a name is not repeated nearby but may return far away", () => {
  const placed = place([label("lane", 0, 1), label("lane", 90, 1), label("lane", 300, 1)], () => 20, new Occupied());
  expect(placed.map(({ x }) => x)).toEqual([0, 300]);
});

test("names keep clear of what is already there", () => {
  const occupied = new Occupied();
  occupied.add({ minX: -5, maxX: 5, minY: -5, maxY: 5 });
  expect(place([label("lane", 0, 1)], () => 40, occupied)).toEqual([]);
});

test("a name follows its line and never stands on its head", () => {
  expect(alongLine([0, 0, 200, 0], 50)).toEqual({ x: 100, y: 0, angle: 0 });
  expect(alongLine([200, 0, 0, 0], 50)?.angle).toBeCloseTo(0);
  expect(alongLine([0, 0, 30, 0], 50)).toBeNull();
  expect(alongLine([0, 0, 50, 0, 50, 50], 80)).toBeNull();
});
