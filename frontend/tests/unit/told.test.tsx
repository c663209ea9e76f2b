// @vitest-environment happy-dom
import { render } from "preact";
import { expect, test } from "vitest";
import { percent } from "../../src/i18n";
import { BandList } from "../../src/planner/tools/band-list";
import { signed, told } from "../../src/planner/tools/told";

test("a figure about few people says that it is withheld, one that nobody knows says so", () => {
  expect(told({ withheld: true }, null)).toBe("少于 5 人，不公布");
  expect(told({ withheld: false }, null)).toBe("不详");
  expect(told({}, undefined)).toBe("不详");
  expect(told({ withheld: true }, 1234)).toBe("1,234");
  expect(told({}, 0.5, percent)).toBe("50%");
});

test("a difference has its sign, and none where there is none", () => {
  expect([12, -3, 0].map((count) => signed({}, count))).toEqual(["+12", "−3", "0"]);
  expect(signed({ withheld: true }, null)).toBe("少于 5 人，不公布");
});

test("figures by age stand apart, each beside its age", () => {
  const box = document.createElement("div");
  render(
    <BandList
      rows={[
        { band: "0_2", said: "+145" },
        { band: "3_5", said: "−2" },
      ]}
    />,
    box,
  );
  expect([...box.querySelectorAll("dt")].map((one) => one.textContent)).toEqual(["0–2 岁", "3–5 岁"]);
  expect([...box.querySelectorAll("dd")].map((one) => one.textContent)).toEqual(["+145", "−2"]);
});
