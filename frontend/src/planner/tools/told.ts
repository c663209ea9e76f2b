/** Figures as they may be told: one that is missing is withheld because it is about few people, or nobody knows it. */
import { number } from "../../i18n";
import { t } from "./texts";

/** What a row says of its missing figures; rows of exact figures say nothing, there they are not known. */
export interface MayWithhold {
  withheld?: boolean;
}

export const missing = ({ withheld }: MayWithhold): string => t(withheld ? "tools.withheld" : "tools.unknown");

export const told = (
  row: MayWithhold,
  figure: number | null | undefined,
  written: (figure: number) => string = number,
): string => (figure == null ? missing(row) : written(figure));

/** A difference with its sign. */
export const signed = (row: MayWithhold, difference: number | null | undefined): string =>
  told(row, difference, (count) => (count > 0 ? `+${number(count)}` : count < 0 ? `−${number(-count)}` : "0"));
