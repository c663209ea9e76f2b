/** The first view: where it is worst, key figures with earlier dates, official indicators, parts of the area. */
import { useSignal } from "@preact/signals";
import { number, percent } from "../i18n/format";
import { type Bilingual, capital, say } from "../shared/lang";
import { isNarrow } from "../shared/narrow";
import { FIRST } from "./address";
import { isAskedFor } from "./analyses";
import { Cell, headOf, isUnknown, textOf } from "./cells";
import { BarChart, Trend } from "./charts";
import type { BoardOf, Row, TableOf } from "./data";
import { choose, go, look } from "./state";
import { t } from "./texts";
import { WorstPlaces } from "./worst-places";

const FIRST_FIGURES = 4;

export function Overview({ now }: { now: BoardOf }) {
  const [parts, figures, indicators] = now.tables;
  return (
    <>
      {figures && hasHomes(figures.rows) && <Figures table={figures} basis={now.lead} />}
      {isNarrow.value && indicators && indicators.rows.length > 0 && <Indicators table={indicators} />}
      {parts && now.by && (parts.rows.length > 0 || now.analyses.every(({ run }) => run)) && (
        <section>
          <h2>{t("board.table.parts")}</h2>
          {look.value.category !== null && <PartsChart parts={parts} />}
          <WorstPlaces table={parts} />
        </section>
      )}
      {!isNarrow.value && indicators && indicators.rows.length > 0 && <Indicators table={indicators} />}
    </>
  );
}

/** One sentence that answers "where is it worst?", and the way to its gaps. */
export function Worst({ now }: { now: BoardOf }) {
  const worst = look.value.sort === null ? now.tables[0]?.rows[0] : undefined;
  if (!worst) return null;
  const people = worst.people_not_covered;
  if (typeof people !== "number" || people === 0) return <p class="worst">{t(noneSaid(now.tables))}</p>;
  const place = worst.place;
  return (
    <p class="worst">
      <span>
        {t("board.worst", {
          name: textOf(worst.name),
          category: textOf(worst.category),
          people: number(people),
          metres: number(Number(worst.limit_m)),
        })}
        {Number(worst.alike) > 0 && <small> {t("board.worst_alike", { count: number(Number(worst.alike)) })}</small>}
      </span>{" "}
      {place && (
        <button
          type="button"
          class="primary"
          onClick={() => {
            isAskedFor.value = true;
            go({ view: "gaps", area: place.code, category: worst.category_code ?? null, chosen: FIRST });
          }}
        >
          {t("board.worst_go")}
        </button>
      )}
    </p>
  );
}

/** Nobody lacks anything as far as is known; too few people to say; people not known; no homes at all. */
function noneSaid(tables: TableOf[]) {
  const rows = tables.slice(0, 2).flatMap((table) => table.rows);
  if (!hasHomes(rows)) return "board.worst.no_homes";
  if (rows.some((row) => typeof row.people_not_covered === "number"))
    return rows.some((row) => row.unknown_columns?.length) ? "board.worst.unknown" : "board.none_uncovered";
  return rows.some((row) => row.withheld) ? "board.worst.withheld" : "board.worst.no_people";
}

/** Without homes there are no figures: the sentence above says what to do. */
const hasHomes = (rows: readonly Row[]): boolean => rows.some((row) => Number(row.buildings_total) > 0);

function Figures({ table, basis }: { table: TableOf; basis: Bilingual | null }) {
  const isWhole = useSignal(false);
  const shown = isWhole.value ? table.rows : table.rows.slice(0, FIRST_FIGURES);
  const rest = table.rows.length - FIRST_FIGURES;
  const dates = table.rows[0]?.trend ?? [];
  const alone = dates.length === 1 ? dates[0]?.as_of : undefined;
  return (
    <section>
      <h2>{t("board.table.figures")}</h2>
      {basis && <p class="hint">{say(basis)}</p>}
      {alone && <p class="hint">{t("board.trend.one", { date: alone })}</p>}
      <ul class="figures">
        {shown.map((row) => (
          <FigureCard key={row.key} row={row} table={table} />
        ))}
      </ul>
      {rest > 0 && (
        <button
          type="button"
          aria-expanded={isWhole.value}
          onClick={() => {
            isWhole.value = !isWhole.value;
          }}
        >
          {isWhole.value ? t("board.fewer") : t("board.more_figures", { count: rest })}
        </button>
      )}
    </section>
  );
}

function FigureCard({ row, table }: { row: Row; table: TableOf }) {
  const column = (key: string) => table.columns.find((one) => one.key === key);
  const share = column("people_covered_share");
  const missing = column("people_not_covered");
  const unknown = column("people_unknown");
  const change = column("change");
  const name = capital(textOf(row.category));
  const isChosen = look.value.category === row.key;
  return (
    <li class={isChosen ? "is-chosen" : ""}>
      <button
        type="button"
        class="link"
        aria-pressed={isChosen}
        onClick={() => go({ category: isChosen ? null : row.key })}
      >
        {name}
      </button>
      {share && (
        <p>
          {headOf(share)} <strong class="big">{<Cell row={row} column={share} />}</strong>
        </p>
      )}
      {[missing, unknown].map(
        (one) =>
          one && (
            <p key={one.key}>
              {headOf(one)} <Cell row={row} column={one} />
            </p>
          ),
      )}
      {change && row.change !== null && (
        <p>
          {headOf(change)} <Cell row={row} column={change} />
        </p>
      )}
      {(row.trend?.length ?? 0) > 1 && <Trend trend={row.trend ?? []} label={name} />}
    </li>
  );
}

function PartsChart({ parts }: { parts: TableOf }) {
  const most = 12;
  const rows = parts.rows.slice(0, most);
  return (
    <BarChart
      title={t("board.chart.shares")}
      bars={rows.map((row) => {
        const isOpen = isUnknown(row, { key: "people_covered_share" });
        const share = !isOpen && typeof row.people_covered_share === "number" ? row.people_covered_share : null;
        return {
          key: row.key,
          label: textOf(row.name),
          part: share,
          said:
            share === null
              ? t(isOpen ? "board.unknown" : row.withheld ? "board.withheld" : "board.no_data")
              : percent(share),
          isChosen: look.value.chosen === row.key,
        };
      })}
      onChoose={(key) => choose(look.value.chosen === key ? null : key)}
    />
  );
}

function Indicators({ table }: { table: TableOf }) {
  return (
    <section>
      <h2>{t("board.table.indicators")}</h2>
      <div class="table-frame" role="region" aria-label={t("board.table.indicators")} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {table.columns.map((column) => (
                <th key={column.key} scope="col">
                  {headOf(column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <tr key={row.key}>
                {table.columns.map((column, place) =>
                  place === 0 ? (
                    <th key={column.key} scope="row">
                      {capital(textOf(row[column.key]))}
                    </th>
                  ) : (
                    <td key={column.key} class={column.key === "said" ? "words" : ""}>
                      <Cell row={row} column={column} />
                    </td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
