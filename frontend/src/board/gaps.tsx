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
  const counts = new Map<string, number>();
  for (const row of table.rows) {
    const reason = String(row.reason_code);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const most = Math.max(...counts.values(), 1);
  const isWhole = table.rows.length === table.matched;
  return (
    <section>
      <h2>{t("board.table.gaps")}</h2>
      {isWhole && counts.size > 1 && (
        <BarChart
          title={t("board.chart.reasons")}
          tone="bad"
          bars={[...counts].map(([reason, count]) => ({
            key: reason,
            label: capital(say(now.choices.reason?.[reason])),
            part: count / most,
            said: t("board.chart.zones", { count: number(count) }),
            isChosen: look.value.reason === reason,
          }))}
          onChoose={(reason) => go({ reason: look.value.reason === reason ? null : reason, chosen: null })}
        />
      )}
      <BoardTable table={table} empty={t("board.empty")} />
    </section>
  );
}
