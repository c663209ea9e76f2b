// @vitest-environment happy-dom
import { expect, test } from "vitest";
import type { Edit } from "../../src/data/scenarios";
import { resized } from "../../src/planner/tools/scenario-resize";

const edits: Edit[] = [
  { edit: "facility_add", category: "kindergarten", position: [116, 40] },
  { edit: "facility_resize", facility: "k1", capacity: 90 },
];

test("another capacity takes the place of an earlier one, a supposed facility has its own", () => {
  expect(resized(edits, "k1", 120)).toEqual([edits[0], { edit: "facility_resize", facility: "k1", capacity: 120 }]);
  expect(resized(edits, "k2", 30)).toEqual([...edits, { edit: "facility_resize", facility: "k2", capacity: 30 }]);
  expect(resized(edits, "new:0", 60)).toEqual([{ ...edits[0], capacity: 60 }, edits[1]]);
});
