/** A figure of a result row; one that is about too few people says that it is withheld. */
import { isWithheld } from "../data/coverage";
import { t } from "../i18n";
import type { CoverageRow } from "../shared/api";
import type * as state from "./state";

interface Asked {
  row: CoverageRow;
  basis: state.Basis;
  figure: number | null;
  written: (figure: number) => string;
  /** What stands for a figure that nobody knows. */
  none?: string;
}

export function Figure({ row, basis, figure, written, none = "–" }: Asked) {
  if (figure !== null) return <>{written(figure)}</>;
  if (!isWithheld(row, basis, figure)) return <>{none}</>;
  return (
    <abbr class="withheld" title={t("map.withheld")}>
      {t("map.withheld_short")}
    </abbr>
  );
}
