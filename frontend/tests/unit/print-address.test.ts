// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { analysisAsked, circlesAsked, MOST_POINTS } from "../../src/planner/print-address";
import type { Circles, LonLat } from "../../src/shared/api";

const circlesOf = (kind: string, metres: number) =>
  ({
    parameters: {
      limits: [
        { kind, metres: 300, minutes: 5 },
        { kind, metres, minutes: 15 },
      ],
      profile: "elder",
    },
  }) as unknown as Circles;

test("the run an analysis shows is printed where the server can draw it", () => {
  const asked = { run: "r1", category: "park" };
  expect(analysisAsked({ name: "gaps", asked })).toEqual({ analysis: "r1", analysis_category: "park" });
  expect(analysisAsked({ name: "siting", asked })).toEqual({ analysis: "r1" });
  expect(analysisAsked({ name: "capacity", asked })).toEqual({});
  expect(analysisAsked({ name: "gaps", asked: { category: "park" } })).toEqual({});
  expect(analysisAsked(null)).toEqual({});
});

test("circles are printed as they were asked for", () => {
  const from: LonLat[] = [[112.1, 30.8]];
  expect(circlesAsked(circlesOf("distance", 800), from)).toMatchObject({ points: "112.1,30.8", circles: "5,15" });
  expect(circlesAsked(circlesOf("time", 1000), from)).toMatchObject({
    minutes: "5,15",
    strict: false,
    profile: "elder",
  });
  expect(
    circlesAsked(
      circlesOf("time", 1000),
      Array.from({ length: MOST_POINTS + 1 }, () => from[0] as LonLat),
    ),
  ).toEqual({});
});
