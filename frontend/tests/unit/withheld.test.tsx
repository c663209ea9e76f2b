// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import { isWithheld } from "../../src/data/coverage";
import { Figure } from "../../src/planner/figure";
import type { CoverageRow } from "../../src/shared/api";
import { lang } from "../../src/shared/lang";

const row = (withheld?: boolean) => ({ code: "1", people_total: null, withheld }) as CoverageRow;

function shown(one: CoverageRow, figure: number | null, basis: "people" | "buildings" = "people"): string {
  const root = document.createElement("div");
  render(<Figure row={one} basis={basis} figure={figure} written={String} none="no data" />, root);
  return root.innerHTML;
}

test("a figure about too few people says that it is withheld, one nobody knows that there is none", () => {
  lang.value = "en";
  expect(shown(row(true), null)).toBe('<abbr class="withheld" title="withheld (fewer than 5)">withheld</abbr>');
  lang.value = "zh";
  expect(shown(row(true), null)).toContain("少于5人不公布");
  expect(shown(row(false), null)).toBe("no data");
  expect(shown(row(), null)).toBe("no data");
  expect(shown(row(true), 25)).toBe("25");
});

test("buildings are never withheld", () => {
  expect(isWithheld(row(true), "buildings", null)).toBe(false);
  expect(shown(row(true), null, "buildings")).toBe("no data");
});
