import { describe, expect, test } from "vitest";
import { pulled } from "../../src/planner/sheet";

describe("the sheet of a phone", () => {
  test("follows the hand by one height, a long pull by two", () => {
    expect(pulled("closed", 60, 640)).toBe("half");
    expect(pulled("half", 60, 640)).toBe("full");
    expect(pulled("full", -60, 640)).toBe("half");
    expect(pulled("closed", 500, 640)).toBe("full");
    expect(pulled("full", -500, 640)).toBe("closed");
  });

  test("stays at its ends, and a press that slips is no pull", () => {
    expect(pulled("full", 60, 640)).toBe("full");
    expect(pulled("closed", -60, 640)).toBe("closed");
    expect(pulled("half", 10, 640)).toBe("half");
  });
});
