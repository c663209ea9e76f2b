/** Communities × 20 items: a mark in each cell, its sentence below; arrow keys move from cell to cell. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Bilingual } from "../shared/lang";
import { capital, say } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { headOf, textOf, Verdict, verdictLabel } from "./cells";
import type { BoardOf, Row, TableOf } from "./data";
import { DrillButton } from "./drill";
import { choose, look } from "./state";
import { BoardTable } from "./table";
import { named, t } from "./texts";

interface At {
  row: number;
  column: number;
}

export function Matrix({ now }: { now: BoardOf }) {
  const table = now.tables[0];
  if (!table) return null;
  return (
    <section>
      <h2>{t("board.table.matrix")}</h2>
      <p class="hint">{t("board.about.matrix")}</p>
      {table.rows.length === 0 || isNarrow.value ? (
        <BoardTable
          table={table}
          empty={t("board.empty")}
          after={(row) => row.place && <DrillButton place={row.place} />}
        />
      ) : (
        <Cells table={table} />
      )}
    </section>
  );
}

function Cells({ table }: { table: TableOf }) {
  const at = useSignal<At>({ row: 0, column: 0 });
  const body = useRef<HTMLTableSectionElement>(null);
  const counts = table.columns.filter(({ kind }) => kind === "number");
  const items = table.columns.filter(({ kind }) => kind === "verdict");
  const move = (event: KeyboardEvent) => {
    const [down, right] =
      { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
    if (down === undefined || right === undefined) return;
    event.preventDefault();
    const row = Math.min(Math.max(at.value.row + down, 0), table.rows.length - 1);
    const column = Math.min(Math.max(at.value.column + right, 0), items.length - 1);
    at.value = { row, column };
    body.current?.querySelector<HTMLElement>(`[data-at="${row}/${column}"]`)?.focus();
  };
  const row = table.rows[at.value.row];
  const item = items[at.value.column];
  return (
    <>
      <p class="hint">{t("board.matrix.hint")}</p>
      <div class="table-frame matrix-frame" role="region" aria-label={t("board.table.matrix")} tabIndex={0}>
        <table class="matrix">
          <thead>
            <tr>
              <th scope="col">{t("board.column.name")}</th>
              {counts.map((column) => (
                <th key={column.key} scope="col" class="item">
                  <span>{headOf(column)}</span>
                </th>
              ))}
              {items.map((column) => (
                <th key={column.key} scope="col" class="item">
                  <span>{headOf(column)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={move}>
            {table.rows.map((one, place) => (
              <tr key={one.key} class={look.value.chosen === one.key ? "is-chosen" : ""}>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={look.value.chosen === one.key}
                    onClick={() => choose(look.value.chosen === one.key ? null : one.key)}
                  >
                    {textOf(one.name)}
                  </button>
                  {one.place && <DrillButton place={one.place} />}
                </th>
                {counts.map((column) => (
                  <td key={column.key} class="number">
                    {String(one[column.key] ?? 0)}
                  </td>
                ))}
                {items.map((column, number) => (
                  <MatrixCell
                    key={column.key}
                    verdict={String(one[column.key] ?? "unknown")}
                    label={t("board.matrix.said", {
                      name: textOf(one.name),
                      item: headOf(column),
                      verdict: verdictLabel(String(one[column.key] ?? "unknown")),
                    })}
                    at={`${place}/${number}`}
                    isCurrent={at.value.row === place && at.value.column === number}
                    onChoose={() => {
                      at.value = { row: place, column: number };
                      choose(one.key);
                    }}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul class="verdicts" aria-label={t("board.map.legend")}>
        {["pass", "short", "unknown", "not_surveyed"].map((verdict) => (
          <li key={verdict}>
            <Verdict verdict={verdict} />
          </li>
        ))}
      </ul>
      {row && item && (
        <div class="said" role="status">
          <strong>
            {textOf(row.name)} · {capital(headOf(item))}
          </strong>
          <p>{saidOf(row, item.key)}</p>
        </div>
      )}
    </>
  );
}

const saidOf = (row: Row, item: string): string => say((row.said as Record<string, Bilingual> | undefined)?.[item]);

interface CellProps {
  verdict: string;
  label: string;
  at: string;
  isCurrent: boolean;
  onChoose: () => void;
}

function MatrixCell({ verdict, label, at, isCurrent, onChoose }: CellProps) {
  return (
    <td class="mark">
      <button
        type="button"
        class={`verdict-${verdict}`}
        data-at={at}
        tabIndex={isCurrent ? 0 : -1}
        aria-label={label}
        title={label}
        onClick={onChoose}
      >
        <span aria-hidden="true">{named("board.mark", verdict)}</span>
      </button>
    </td>
  );
}
