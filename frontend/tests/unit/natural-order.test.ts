import { expect, test } from "vitest";
import { naturally } from "../../src/shared/natural-order";

test("numbers in names count as numbers, Chinese ones too", () => {
  for (const ordered of [
    ["泉荷苑2号楼", "泉荷苑3栋", "泉荷苑10号楼", "泉荷苑１１号楼"],
    ["第一网格", "第二网格", "第三网格", "第十网格", "第二十一网格"],
    ["三号楼", "十号楼", "十二号楼"],
    ["A2", "A10"],
    ["", "第"],
  ])
    expect([...ordered].reverse().sort(naturally)).toEqual(ordered);
});
