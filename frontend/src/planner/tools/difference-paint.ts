/** Areas or grids coloured by how many more or fewer people are within reach. */
import type { Effect } from "../../data/scenarios";
import { number } from "../../i18n";
import type { FiguresPaint } from "../../map/paint";
import { sheet } from "../paint-state";
import { symbolOfDifference } from "./scenario-marks";

export function differencePaint({ by, headlines }: Pick<Effect, "by" | "headlines">): FiguresPaint {
  const rows = new Map(
    headlines.filter(({ level }) => level !== "total").map((row) => [row.code, row.people_covered_difference]),
  );
  const noData = sheet.value?.coverage.no_data.symbol;
  return {
    layer: by.includes("grid") ? "grids" : "areas",
    symbolOf: (code) => {
      const difference = rows.get(code);
      if (difference === undefined || difference === 0) return undefined;
      return difference === null ? noData : symbolOfDifference(difference);
    },
    textOf: (code) => {
      const difference = rows.get(code);
      return difference ? ` ${difference > 0 ? "+" : "−"}${number(Math.abs(difference))}` : "";
    },
  };
}
