/** Where it is worst: each place once, beside it the categories most of its people lack; all of them on request. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { number, percent } from "../i18n/format";
import { capital } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { EVERYWHERE, withWhole } from "./address";
import { Cell, headOf, textOf } from "./cells";
import type { ColumnOf, Row, TableOf } from "./data";
import { DrillButton } from "./drill";
import { choose, go, look } from "./state";
import { BoardTable, Count, classOf, columnsShown, FEW, Heads, keep } from "./table";
import { t } from "./texts";

/** In place of the code of homes outside every part. */
const NOWHERE = "none";
const WORST = 3;

interface Group {
  code: string;
  name: string;
  rows: Row[];
}

/** The rows of each place, which stand one after the other. */
export function groupsOf(rows: readonly Row[]): Group[] {
  const groups: Group[] = [];
  for (const row of rows) {
    const code = row.place?.code ?? NOWHERE;
    const last = groups[groups.length - 1];
    if (last?.code === code) last.rows.push(row);
    else groups.push({ code, name: textOf(row.name), rows: [row] });
  }
  return groups;
}

export function WorstPlaces({ table }: { table: TableOf }) {
  // one row of each place already
  if (look.value.category !== null || table.rows.length === 0)
    return (
      <BoardTable
        table={table}
        empty={t("board.empty")}
        after={(row) => row.place && <DrillButton place={row.place} />}
      />
    );
  const isWhole = look.value.whole === EVERYWHERE;
  const groups = groupsOf(table.rows);
  return (
    <>
      <p class="whole">
        <button type="button" aria-pressed={isWhole} onClick={() => go({ whole: isWhole ? null : EVERYWHERE })}>
          {isWhole ? t("board.whole.few", { count: WORST }) : t("board.whole")}
        </button>
      </p>
      {isNarrow.value ? <Cards groups={groups} /> : <Grid table={table} groups={groups} />}
      <Count table={table} />
    </>
  );
}

function useChosen() {
  const chosen = useRef<HTMLElement>(null);
  const key = look.value.chosen;
  useEffect(() => {
    if (key) chosen.current?.scrollIntoView?.({ block: "nearest" });
  }, [key]);
  return chosen;
}

function Grid({ table, groups }: { table: TableOf; groups: Group[] }) {
  const chosen = useChosen();
  const key = look.value.chosen;
  const columns = columnsShown(table);
  const rest = columns.filter((column) => column.key !== "name");
  return (
    <div class="table-frame" role="region" aria-label={t("board.table.parts")} tabIndex={0}>
      <table>
        <Heads columns={columns} />
        {groups.map((group) => (
          <tbody key={group.code} class="of-place">
            {group.rows.map((row, place) => (
              <tr
                key={row.key}
                ref={row.key === key ? keep(chosen) : undefined}
                class={row.key === key ? "is-chosen" : ""}
              >
                {place === 0 && (
                  <th scope="rowgroup" rowSpan={group.rows.length}>
                    <PlaceHead group={group} />
                    <WholeButton group={group} />
                  </th>
                )}
                {rest.map((column) => (
                  <PartCell key={column.key} row={row} column={column} />
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function PartCell({ row, column }: { row: Row; column: ColumnOf }) {
  if (column.key === "category")
    return (
      <th scope="row">
        <CategoryButton row={row} />
      </th>
    );
  return (
    <td class={classOf(column)}>
      <Cell row={row} column={column} />
    </td>
  );
}

function Cards({ groups }: { groups: Group[] }) {
  const chosen = useChosen();
  const few = useSignal(FEW);
  const key = look.value.chosen;
  const isChosen = (group: Group) => group.rows.some((row) => row.key === key);
  const shown = groups.filter((group, place) => place < few.value || isChosen(group));
  return (
    <>
      <ul class="cards">
        {shown.map((group) => (
          <li
            key={group.code}
            ref={isChosen(group) ? keep(chosen) : undefined}
            class={isChosen(group) ? "is-chosen" : ""}
          >
            <PlaceHead group={group} />
            <ul class="lacks">
              {group.rows.map((row) => (
                <li key={row.key}>
                  <CategoryButton row={row} />
                  <span class="lack">
                    <Lack row={row} />
                  </span>
                </li>
              ))}
            </ul>
            <WholeButton group={group} />
          </li>
        ))}
      </ul>
      {groups.length > shown.length && (
        <button
          type="button"
          onClick={() => {
            few.value = groups.length;
          }}
        >
          {t("board.more", { count: number(groups.length - shown.length) })}
        </button>
      )}
    </>
  );
}

/** How many people lack a category, in a few words. */
function Lack({ row }: { row: Row }) {
  const people = row.people_not_covered;
  const column = { key: "people_not_covered", kind: "number", label: null };
  if (typeof people !== "number")
    return (
      <>
        {headOf(column)} <Cell row={row} column={column} />
      </>
    );
  const share = typeof row.people_not_covered_share === "number" ? ` · ${percent(row.people_not_covered_share)}` : "";
  return (
    <>
      {t("board.unreached", { people: number(people) })}
      {share}
    </>
  );
}

/** The place itself: chosen with the worst it has, or gone into. */
function PlaceHead({ group }: { group: Group }) {
  const first = group.rows[0];
  if (!first) return null;
  const isChosen = group.rows.some((row) => row.key === look.value.chosen);
  return (
    <p class="card-title row-head">
      <button
        type="button"
        class="link"
        title={group.name}
        aria-pressed={isChosen}
        onClick={() => choose(isChosen ? null : first.key)}
      >
        {group.name}
      </button>
      {first.place && <DrillButton place={first.place} />}
    </p>
  );
}

function CategoryButton({ row }: { row: Row }) {
  const isChosen = look.value.chosen === row.key;
  return (
    <button type="button" class="link" aria-pressed={isChosen} onClick={() => choose(isChosen ? null : row.key)}>
      {capital(textOf(row.category))}
    </button>
  );
}

function WholeButton({ group }: { group: Group }) {
  const { whole } = look.value;
  const first = group.rows[0];
  const count = first?.categories ?? 0;
  if (whole === EVERYWHERE || count <= WORST) return null;
  const isWhole = first?.is_whole ?? false;
  return (
    <button
      type="button"
      class="link more"
      aria-expanded={isWhole}
      aria-label={t(isWhole ? "board.whole.less_label" : "board.whole.label", { name: group.name, count })}
      onClick={() => go({ whole: withWhole(whole, group.code, !isWhole) })}
    >
      {isWhole ? t("board.whole.less") : t("board.whole.place", { count })}
    </button>
  );
}
