import { expect, test } from "vitest";
import { decode, EMPTY } from "../../src/map/decode";

const utf8 = (text: string) => [...new TextEncoder().encode(text)];
const field = (tag: number, bytes: number[]) => [(tag << 3) | 2, bytes.length, ...bytes];

/** One line (2,2)→(2,10)→(10,10) with code=w1, after the specification's own example. */
const line = [...field(2, [0, 0]), (3 << 3) | 0, 2, ...field(4, [9, 4, 4, 18, 0, 16, 16, 0])];
const layer = [
  ...field(1, utf8("ways")),
  ...field(2, line),
  ...field(3, utf8("code")),
  ...field(4, field(1, utf8("w1"))),
  (5 << 3) | 0,
  0x80,
  0x20,
  (15 << 3) | 0,
  2,
];
const tile = Uint8Array.from(field(3, layer)).buffer;

test("a tile is decoded into flat rings with their box", () => {
  const { extent, features } = decode(tile, "ways");
  expect(extent).toBe(4096);
  expect(features).toHaveLength(1);
  const [way] = features;
  expect(way?.kind).toBe("line");
  expect(way?.properties).toEqual({ code: "w1" });
  expect([...(way?.rings[0] ?? [])]).toEqual([2, 2, 2, 10, 10, 10]);
  expect(way?.box).toEqual([2, 2, 10, 10]);
});

test("a tile without the layer is empty", () => {
  expect(decode(tile, "areas")).toBe(EMPTY);
});
