/** The table of a view: sorted by the server, its rows choose on the map; cards on a phone. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { number } from "../i18n/format";
import { capital } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { type Look, nextSort } from "./address";
import { Cell, headOf, isNumeric, textOf, written } from "./cells";
import type { ColumnOf, Row, TableOf } from "./data";
import { choose, go, look, most, STEP } from "./state";
import { t } from "./texts";

/** Columns that only a file needs: on the page they stand in what is said of the chosen row. */
const LATER: Record<string, readonly string[]> = {
  gaps: ["clause", "cure", "buildings"],
  short: ["said", "clause", "facilities"],
  problems: ["clause", "rule"],
};

/** Columns that stand only where a row says something in them. */
const IF_ANY: readonly string[] = ["alternative", "alternative_m"];

export const columnsShown = (table: TableOf): ColumnOf[] =>
  table.columns.filter(
    ({ key }) =>
      !LATER[table.key]?.includes(key) && (!IF_ANY.includes(key) || table.rows.some((row) => row[key] != null)),
  );

/** Columns of whole sentences: wide enough to be read. */
const SENTENCES: readonly string[] = ["why", "said"];

/** Columns of short names, which are not to be broken into single words. */
const NAMES: readonly string[] = ["area_name", "category", "reason", "rule"];

export const classOf = ({ key, kind }: ColumnOf): string =>
  SENTENCES.includes(key) ? "words" : NAMES.includes(key) ? "place" : isNumeric(kind) ? "number" : kind;

/** Which column says what a row is. */
const TITLES: Record<string, string> = {
  parts: "name",
  gaps: "category",
  short: "subject",
  problems: "subject",
  matrix: "name",
  resources: "name",
  projects: "name",
};

/** What a row is called; a name keeps its letters, a word begins with a capital. */
export function titleOf(table: TableOf, row: Row): string {
  const value = row[TITLES[table.key] ?? "name"];
  const said = textOf(value);
  return (typeof value === "string" ? said : capital(said)) || row.key;
}

interface Props {
  table: TableOf;
  /** Stands behind the name of a row: the way into an area. */
  after?: (row: Row) => ComponentChildren;
  empty: string;
}

export function BoardTable({ table, after, empty }: Props) {
  const chosen = useRef<HTMLElement>(null);
  const key = look.value.chosen;
  useEffect(() => {
    if (key) chosen.current?.scrollIntoView?.({ block: "nearest" });
  }, [key]);
  if (table.rows.length === 0)
    return (
      <p class="note" role="status">
        {empty} {isNarrowed(look.value) && t("board.empty.hint")}
      </p>
    );
  const columns = columnsShown(table);
  return (
    <>
      {isNarrow.value ? (
        <Cards table={table} columns={columns} after={after} chosen={chosen} />
      ) : (
        <Grid table={table} columns={columns} after={after} chosen={chosen} />
      )}
      <Count table={table} />
    </>
  );
}

/** How many rows there are of how many, and a button for more. */
export function Count({ table }: { table: TableOf }) {
  return (
    <p class="count">
      {t("board.count", { shown: number(table.rows.length), matched: number(table.matched) })}{" "}
      {table.matched > table.rows.length && (
        <button
          type="button"
          onClick={() => {
            most.value += STEP;
          }}
        >
          {t("board.more", { count: number(Math.min(STEP, table.matched - table.rows.length)) })}
        </button>
      )}
    </p>
  );
}

const isNarrowed = ({ area, category, reason, binding, late }: Look): boolean =>
  [area, category, reason, binding, late].some((part) => part !== null);

export const keep = (chosen: { current: HTMLElement | null }) => (node: HTMLElement | null) => {
  chosen.current = node;
};

interface Parts extends Omit<Props, "empty"> {
  columns: ColumnOf[];
  chosen: { current: HTMLElement | null };
}

/** The heads of the columns, each a button that sorts by it. */
export function Heads({ columns }: { columns: ColumnOf[] }) {
  const { sort } = look.value;
  return (
    <thead>
      <tr>
        {columns.map((column) => (
          <th
            key={column.key}
            scope="col"
            aria-sort={ariaSort(sort, column.key)}
            class={isNumeric(column.kind) ? "number" : ""}
          >
            <button type="button" title={t("board.sort_by")} onClick={() => go({ sort: nextSort(sort, column.key) })}>
              {headOf(column)}
              <span aria-hidden="true" class="sort-mark">
                {sort === column.key ? "▲" : sort === `-${column.key}` ? "▼" : "↕"}
              </span>
            </button>
          </th>
        ))}
      </tr>
    </thead>
  );
}

function Grid({ table, columns, after, chosen }: Parts) {
  const { chosen: key } = look.value;
  const first = TITLES[table.key] ?? columns[0]?.key;
  return (
    <div
      class="table-frame"
      role="region"
      aria-label={t(`board.table.${table.key}` as "board.table.gaps")}
      tabIndex={0}
    >
      <table>
        <Heads columns={columns} />
        <tbody>
          {table.rows.map((row) => (
            <tr
              key={row.key}
              ref={row.key === key ? keep(chosen) : undefined}
              class={row.key === key ? "is-chosen" : ""}
            >
              {columns.map((column) =>
                column.key === first ? (
                  <th key={column.key} scope="row">
                    <span class="row-head">
                      <RowButton table={table} row={row} />
                      {after?.(row)}
                    </span>
                  </th>
                ) : (
                  <td key={column.key} class={classOf(column)}>
                    <Cell row={row} column={column} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const ariaSort = (sort: string | null, column: string) =>
  sort === column ? "ascending" : sort === `-${column}` ? "descending" : "none";

function RowButton({ table, row }: { table: TableOf; row: Row }) {
  const isChosen = look.value.chosen === row.key;
  return (
    <button
      type="button"
      class="link"
      title={titleOf(table, row)}
      aria-pressed={isChosen}
      onClick={() => choose(isChosen ? null : row.key)}
    >
      {titleOf(table, row)}
    </button>
  );
}

/** Cards on a phone before one asks for more. */
export const FEW = 8;

function Cards({ table, columns, after, chosen }: Parts) {
  const first = TITLES[table.key] ?? columns[0]?.key;
  const key = look.value.chosen;
  const few = useSignal(FEW);
  const shown = table.rows.filter((row, place) => place < few.value || row.key === key);
  const rest = table.rows.length - shown.length;
  return (
    <>
      <ul class="cards">
        {shown.map((row) => (
          <li key={row.key} ref={row.key === key ? keep(chosen) : undefined} class={row.key === key ? "is-chosen" : ""}>
            <p class="card-title">
              <RowButton table={table} row={row} />
              {after?.(row)}
            </p>
            <dl>
              {columns
                .filter((column) => column.key !== first && (written(column, row[column.key]) !== null || row.withheld))
                .map((column) => (
                  <div key={column.key}>
                    <dt>{headOf(column)}</dt>
                    <dd>
                      <Cell row={row} column={column} />
                    </dd>
                  </div>
                ))}
            </dl>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <button
          type="button"
          onClick={() => {
            few.value += STEP;
          }}
        >
          {t("board.more", { count: number(Math.min(STEP, rest)) })}
        </button>
      )}
    </>
  );
}
