/** Areas or grids coloured by how the share within reach changes, with how many more or fewer written at their names. */
import type { Effect } from "../../data/scenarios";
import { number } from "../../i18n";
import type { FiguresPaint } from "../../map/paint";
import type { StyleSheet } from "../../map/style";
import { basisOf, type Change, changeOf, differenceSymbol } from "./difference";

type Told = Pick<Effect, "by" | "people_basis" | "headlines">;

const places = ({ headlines }: Told) => headlines.filter(({ level }) => level !== "total");

/** The changes of the places that the map colours. */
export const changesOf = (found: Told): Change[] =>
  places(found).flatMap((row) => (row.code === null ? [] : (changeOf(row, basisOf(found)) ?? [])));

export function differencePaint(styles: StyleSheet, found: Told): FiguresPaint {
  const basis = basisOf(found);
  const rows = new Map(places(found).map((row) => [row.code, row]));
  return {
    layer: found.by.includes("grid") ? "grids" : "areas",
    symbolOf: (code) => {
      const row = rows.get(code);
      const change = row && changeOf(row, basis);
      return change === undefined ? undefined : differenceSymbol(styles, change);
    },
    textOf: (code) => {
      const difference = rows.get(code)?.[`${basis}_covered_difference`];
      return difference ? ` ${difference > 0 ? "+" : "−"}${number(Math.abs(difference))}` : "";
    },
  };
}
