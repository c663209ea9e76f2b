/** Long tables and crowded maps show a part first, say so, and give the rest when asked. */
import { type Signal, useSignal } from "@preact/signals";
import { number } from "../../i18n";
import { t } from "./texts";

const STEP = 200;
/** Shapes drawn over the map at most: more would make it slow to move. */
export const MOST_DRAWN = 500;

export const useMost = (): Signal<number> => useSignal(STEP);

export function MoreRows({ most, total }: { most: Signal<number>; total: number }) {
  if (total <= most.value) return null;
  return (
    <button
      type="button"
      onClick={() => {
        most.value += STEP;
      }}
    >
      {t("tools.more", { count: number(total - most.value) })}
    </button>
  );
}

/** Says on the legend that not all are drawn. */
export const DrawnNote = ({ total }: { total: number }) =>
  total > MOST_DRAWN ? (
    <p class="legend-rule">{t("tools.drawn", { count: number(MOST_DRAWN), total: number(total) })}</p>
  ) : null;
