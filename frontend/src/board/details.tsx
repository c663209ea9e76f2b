/** What is known of the chosen row, who does what about it by when, and what can be opened from it. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { me } from "../data/me";
import { isFocusLost } from "../shared/kept-focus";
import { capital } from "../shared/lang";
import { ready } from "../shared/loadable";
import { isNarrow } from "../shared/narrow";
import { Cell, headOf, textOf, written } from "./cells";
import type { BoardOf, ColumnOf, Row, TableOf } from "./data";
import { OpenCase, TasksButton } from "./open-work";
import { plannerLink } from "./planner-link";
import { isBegun, OpenProject } from "./project-form";
import { choose, go, look } from "./state";
import { titleOf } from "./table";
import { t } from "./texts";

const OPENABLE: readonly string[] = ["gaps", "short", "problems"];

/** What is told of a project besides the columns of its list. */
const OF_PROJECTS: readonly ColumnOf[] = ["description", "origin"].map((key) => ({ key, kind: "text", label: null }));

export const may = (story: string): boolean => (ready(me.state.value)?.may[story] ?? "none") !== "none";

export function Details({ now }: { now: BoardOf }) {
  const table = now.tables[0];
  const row = table?.rows.find(({ key }) => key === look.value.chosen);
  if (!table || !row) return null;
  return <Chosen key={row.key} now={now} table={table} row={row} />;
}

function Chosen({ now, table, row }: { now: BoardOf; table: TableOf; row: Row }) {
  const asked = useSignal<"project" | "case" | "nothing" | null>(null);
  // what was begun before the session ended stands open again
  const open = asked.value ?? (OPENABLE.includes(now.view) && isBegun(now, row) ? "project" : "nothing");
  const isOpening = open !== "nothing";
  const close = () => {
    asked.value = "nothing";
  };
  const heading = useRef<HTMLHeadingElement>(null);
  const actions = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (isFocusLost()) actions.current?.querySelector("button")?.focus(); // the form is closed
  }, [open]);
  useEffect(() => {
    // a reader of the keyboard or a screen reader is led to what opened
    if (document.documentElement.dataset.input === "keyboard") heading.current?.focus();
    else if (isNarrow.peek()) heading.current?.scrollIntoView?.({ block: "start" });
  }, []);
  const all = now.view === "projects" ? [...table.columns, ...OF_PROJECTS] : table.columns;
  const shown = all.filter((column) => written(column, row[column.key]) !== null || row.withheld);
  const facts = now.view === "matrix" ? shown.filter(({ kind }) => kind !== "verdict") : shown;
  const hasPlace = Boolean(row.place || row.geometry);
  return (
    <section class={isOpening ? "details is-opening" : "details"} aria-label={t("board.selected")}>
      <div class="details-head">
        <h2 ref={heading} tabIndex={-1}>
          {headingOf(table, row)}
        </h2>
        <button type="button" onClick={() => choose(null)}>
          {t("board.close")}
        </button>
      </div>
      {!hasPlace && <p class="hint">{t("board.map.no_outline")}</p>}
      {OPENABLE.includes(now.view) && <Doing now={now} row={row} isOpening={isOpening} />}
      {OPENABLE.includes(now.view) &&
        (open === "project" ? (
          <OpenProject now={now} row={row} onClose={close} />
        ) : open === "case" ? (
          <OpenCase now={now} row={row} onClose={close} />
        ) : (
          <div class="actions" ref={actions}>
            {may("write_projects") && (
              <button
                type="button"
                class="primary"
                onClick={() => {
                  asked.value = "project";
                }}
              >
                {t("board.do.project")}
              </button>
            )}
            {may("write_cases") && (
              <button
                type="button"
                onClick={() => {
                  asked.value = "case";
                }}
              >
                {t("board.do.case")}
              </button>
            )}
          </div>
        ))}
      {!isOpening && may("write_tasks") && isToVerify(now, row) && <TasksButton now={now} row={row} />}
      <dl class="facts">
        {facts.map((column) => (
          <div key={column.key}>
            <dt>{headOf(column)}</dt>
            <dd>
              <Cell row={row} column={column} />
            </dd>
          </div>
        ))}
      </dl>
      {now.view === "projects" && row.place && may("write_projects") && (
        <p>
          <a href={`/map#edit=projects/${encodeURIComponent(row.place.code)}`}>{t("board.project.change")}</a>
        </p>
      )}
      {row.category_code !== undefined && (
        <p>
          <a href={plannerLink(now, row)}>{t("board.map.open")}</a>
        </p>
      )}
    </section>
  );
}

/** Whether tasks can tell what is not known of a row: of a zone for want of data or a survey, of a community's items. */
const isToVerify = (now: BoardOf, row: Row): boolean =>
  now.view === "matrix"
    ? Number(row.unknown) + Number(row.not_surveyed) > 0
    : row.reason_code === "unknown_data" || row.reason_code === "not_surveyed";

/** What the row is about, and where. */
function headingOf(table: TableOf, row: Row): string {
  const about = capital(titleOf(table, row));
  const isOpenable = OPENABLE.includes(table.key);
  const more = isOpenable
    ? (row.here?.name ?? textOf(row.area_name))
    : table.key === "parts"
      ? textOf(row.category)
      : "";
  return more ? `${about} · ${more}` : about;
}

/** Projects that are already meant for it: who, by when. */
function Doing({ now, row, isOpening }: { now: BoardOf; row: Row; isOpening: boolean }) {
  const planned = row.planned ?? [];
  if (planned.length === 0 || isOpening) return null;
  return (
    <div class="doing">
      <h3>{t("board.do.planned")}</h3>
      <ul>
        {planned.map((one) => (
          <li key={one.code}>
            {t("board.do.planned_line", {
              name: one.name,
              unit: one.responsible_unit ?? t("board.do.no_unit"),
              deadline: one.deadline_on ?? t("board.do.no_deadline"),
            })}
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => go({ view: "projects", chosen: `projects/${planned[0]?.code}` })}>
        {t("board.do.see_projects")}
      </button>
      {now.people_rounded_to !== null && <p class="hint">{t("board.rounded", { base: now.people_rounded_to })}</p>}
    </div>
  );
}
