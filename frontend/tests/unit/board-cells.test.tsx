// @vitest-environment happy-dom
/** A figure of the board about too few people says so; one that nobody knows is a dash. */
import { render } from "preact";
import { expect, it } from "vitest";
import { Cell } from "../../src/board/cells";
import { lang } from "../../src/shared/lang";

function shown(row: Record<string, unknown>, key: string, kind: string): string {
  lang.value = "en";
  const holder = document.createElement("div");
  render(<Cell row={{ key: "x", ...row }} column={{ key, kind, label: null }} />, holder);
  return holder.textContent ?? "";
}

it("says that people are withheld, never zero", () => {
  expect(shown({ people_not_covered: null, withheld: true }, "people_not_covered", "number")).toBe("withheld");
  expect(shown({ people_not_covered: 0, withheld: true }, "people_not_covered", "number")).toBe("0");
});

it("takes only figures of people for withheld", () => {
  expect(shown({ mean_m: null, withheld: true }, "mean_m", "metres")).toBe("–");
  expect(shown({ people: null, withheld: false }, "people", "number")).toBe("–");
});

it("says that something is not known in place of a share of the few who are", () => {
  const row = { people_covered_share: 0, people_unknown_share: 1, unknown_columns: ["people_covered_share"] };
  expect(shown(row, "people_covered_share", "share")).toBe("not known");
  expect(shown(row, "people_unknown_share", "share")).toBe("100%");
});

it("says what of a rule is to be verified", () => {
  expect(shown({ clause: "GB (v1)", to_verify: true }, "clause", "text")).toBe("GB (v1) to be verified");
});
