/** The table beside the map: one row an area or grid, sorted as asked; a name brings the area into view. */
import { useSignal } from "@preact/signals";
import { NO_AREA, sharesOf } from "../data/coverage";
import { metres, minutes, number, percent, t } from "../i18n";
import type { CoverageResult, CoverageRow } from "../shared/api";
import { capital } from "../shared/lang";
import { byLabel } from "./by-options";
import { Figure } from "./figure";
import { focusOn } from "./focus";
import { basisInUse, isByGrid, rows } from "./paint-state";
import { ShareBar } from "./share-bar";
import { type Column, type Order, sortRows, turned } from "./sorting";
import * as state from "./state";

const COLUMNS: readonly Column[] = ["name", "total", "covered", "not_covered", "unknown", "mean"];
/** Rows put on the page at once; the rest on demand, as unit grids are thousands. */
const STEP = 200;

export function ResultsTable({ run }: { run: CoverageResult }) {
  const order = useSignal<Order>({ column: "covered", isDown: false });
  const most = useSignal(STEP);
  const basis = basisInUse.value;
  const sorted = sortRows([...rows.value.values()], order.value, basis);
  const by = byLabel(run.by);
  return (
    <div class="table-frame">
      <table class="results">
        <caption>
          {t(state.by.value === "building" ? "map.table.caption_building" : "map.table.caption", {
            by,
            count: number(sorted.length),
          })}
        </caption>
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" aria-sort={ariaSort(order.value, column)}>
                <button
                  type="button"
                  onClick={() => {
                    order.value = turned(order.value, column);
                  }}
                >
                  {headOf(column, by, basis)}
                  <span aria-hidden="true" class="sort-mark">
                    {order.value.column === column ? (order.value.isDown ? "▼" : "▲") : "↕"}
                  </span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, most.value).map((row) => (
            <Row key={row.code} row={row} basis={basis} />
          ))}
        </tbody>
      </table>
      {sorted.length > most.value && (
        <button
          type="button"
          onClick={() => {
            most.value += STEP;
          }}
        >
          {t("map.table.more", { count: number(sorted.length - most.value) })}
        </button>
      )}
    </div>
  );
}

function headOf(column: Column, by: string, basis: state.Basis): string {
  if (column === "name") return capital(by);
  if (column === "total") return capital(t(`map.basis.${basis}`));
  if (column === "mean") return t(state.limit.value.kind === "minutes" ? "map.table.mean_time" : "map.table.mean");
  return t(`map.table.${column}`);
}

const ariaSort = (order: Order, column: Column) =>
  order.column !== column ? "none" : order.isDown ? "descending" : "ascending";

function Row({ row, basis }: { row: CoverageRow; basis: state.Basis }) {
  const shares = sharesOf(row, basis);
  const what = state.selected.value;
  const layer = isByGrid.value ? "grids" : "areas";
  const isChosen = what?.kind === "feature" && what.layer === layer && what.code === row.code;
  const code = row.level === "total" || row.code === NO_AREA ? null : row.code;
  return (
    <tr class={isChosen ? "is-chosen" : ""}>
      <th scope="row">
        {code !== null ? (
          <button type="button" class="link" onClick={() => void focusOn(layer, code)}>
            {row.name ?? code}
          </button>
        ) : (
          t(row.level === "total" ? "map.by.total" : "map.table.outside")
        )}
        {row.inventory_complete === true && <small class="mark-complete">{t("map.table.complete")}</small>}
        {row.inventory_complete === false && <small class="mark-incomplete">{t("map.table.incomplete")}</small>}
      </th>
      <td class="number">
        <Figure row={row} basis={basis} figure={shares.total} written={number} none={t("map.no_data")} />
      </td>
      <td class="number with-bar">
        <Figure row={row} basis={basis} figure={shares.covered} written={percent} />
        <ShareBar shares={shares} />
      </td>
      <td class="number">
        <Figure row={row} basis={basis} figure={shares.not_covered} written={percent} />
      </td>
      <td class="number">
        <Figure row={row} basis={basis} figure={shares.unknown} written={percent} />
      </td>
      <td class="number">
        {state.limit.value.kind === "minutes" ? (
          <Figure row={row} basis="people" figure={row.mean_s} written={minutes} />
        ) : (
          <Figure row={row} basis="people" figure={row.mean_m} written={metres} />
        )}
      </td>
    </tr>
  );
}
