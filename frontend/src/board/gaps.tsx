/** Gap zones: how many for which reason, and the ranking. */
import { number } from "../i18n/format";
import { capital, say } from "../shared/lang";
import { BarChart } from "./charts";
import type { BoardOf } from "./data";
import { go, look } from "./state";
import { BoardTable } from "./table";
import { t } from "./texts";

export function Gaps({ now }: { now: BoardOf }) {
  const table = now.tables[0];
  if (!table) return null;
  const sums = now.reasons;
  const hasPeople = sums.some(({ people }) => people > 0);
  const most = Math.max(...sums.map(({ people, zones }) => (hasPeople ? people : zones)), 1);
  const chart = hasPeople ? (look.value.category ? "reasons_people" : "reasons_times") : "reasons";
  return (
    <section>
      <h2>{t("board.table.gaps")}</h2>
      {sums.length > 1 && (
        <BarChart
          title={t(`board.chart.${chart}`)}
          tone="bad"
          bars={sums.map(({ reason, people, zones }) => ({
            key: reason,
            label: capital(say(now.choices.reason?.[reason])),
            part: (hasPeople ? people : zones) / most,
            said: hasPeople
              ? t("board.chart.people", { people: number(people), count: number(zones) })
              : t("board.chart.zones", { count: number(zones) }),
            isChosen: look.value.reason === reason,
          }))}
          onChoose={(reason) => go({ reason: look.value.reason === reason ? null : reason, chosen: null })}
        />
      )}
      <BoardTable table={table} empty={t("board.empty")} />
    </section>
  );
}
