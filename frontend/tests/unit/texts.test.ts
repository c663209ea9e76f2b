import { expect, test } from "vitest";
import { catalogues, number, percent, t } from "../../src/i18n";
import { catalogues as editor } from "../../src/planner/edit/texts";
import { catalogues as ways } from "../../src/planner/edit-texts";
import { catalogues as select } from "../../src/planner/tools/select-texts";
import { catalogues as tools } from "../../src/planner/tools/texts";
import { catalogues as views } from "../../src/planner/views-texts";
import { lang } from "../../src/shared/lang";
import { catalogues as project } from "../../src/shared/project-texts";
import { catalogues as shell, t as shellText } from "../../src/shell/texts";

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

test.each([
  ["map", catalogues],
  ["tools", tools],
  ["edit", editor],
  ["edit_ways", ways],
  ["shell", shell],
  ["select", select],
  ["project", project],
  ["views", views],
])("both languages have the same keys with the same placeholders: %s", (_, texts) => {
  expect(Object.keys(texts.en)).toEqual(Object.keys(texts.zh));
  for (const [key, zh] of Object.entries(texts.zh)) {
    const en = (texts.en as Record<string, string>)[key] ?? "";
    expect(placeholders(en), key).toEqual(placeholders(zh));
    expect(en, key).not.toMatch(/[一-鿿]/);
  }
});

test("facts are filled in and missing ones stay visible", () => {
  lang.value = "en";
  expect(shellText("shell.search.none", { words: "x" })).toContain("“x”");
  expect(shellText("shell.search.none")).toContain("{words}");
  lang.value = "zh";
  expect(t("map.tab.layers")).toBe("图层");
});

test("a share is never rounded to all or nothing", () => {
  expect(percent(1)).toBe("100%");
  expect(percent(0.99999)).toBe(">99.9%");
  expect(percent(0.0001)).toBe("<0.1%");
  expect(percent(0)).toBe("0%");
  expect(percent(null)).toBe("–");
  expect(number(1234567)).toBe("1,234,567");
});
