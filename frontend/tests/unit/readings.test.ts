import { expect, test } from "vitest";
import { asRead } from "../../src/data/readings";

const open = {
  rows: [
    { code: "A", band: "all", people: 5 },
    { code: "B", band: "all", people: 7 },
  ],
  zones: [{ number: 1 }],
};

test("rows that are otherwise if closed stand in place of what they were, all others stay", () => {
  const result = { ...open, if_closed: { rows: [{ code: "B", band: "all", people: 2 }] } };
  expect(asRead(result, true, ["code", "band"]).rows).toEqual([open.rows[0], { code: "B", band: "all", people: 2 }]);
  expect(asRead(result, false, ["code", "band"])).toBe(result);
});

test("tables without keys are those of the other reading as a whole; without another reading nothing changes", () => {
  const zones = [{ number: 1 }, { number: 2 }];
  expect(asRead({ ...open, if_closed: { zones } }, true, []).zones).toEqual(zones);
  const known: typeof open & { if_closed?: object } = open;
  expect(asRead(known, true, [])).toBe(known);
});
