/** Values of tables as they are written; a figure about too few people says that it is withheld. */
import { metres, number, percent } from "../i18n/format";
import type { Bilingual } from "../shared/lang";
import { capital, say } from "../shared/lang";
import { board, type ColumnOf, type Row } from "./data";
import { known, named, t } from "./texts";

export const headOf = (column: ColumnOf): string => {
  if (column.label) return capital(say(column.label));
  const key = `board.column.${column.key}`;
  return known(key) ? t(key) : column.key;
};

const isBilingual = (value: unknown): value is Bilingual =>
  typeof value === "object" && value !== null && "zh" in value && "en" in value;

export const textOf = (value: unknown): string =>
  value === null || value === undefined ? "" : isBilingual(value) ? say(value) : String(value);

export const isNumeric = (kind: string): boolean => !["text", "date", "verdict"].includes(kind);

/** A value in words; null where there is none. */
export function written(column: ColumnOf, value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (column.key === "inventory") return named("board.inventory", String(value));
  if (column.kind === "verdict") return verdictLabel(String(value));
  if (typeof value !== "number") return textOf(value);
  if (column.kind === "share") return percent(value);
  if (column.kind === "metres") return metres(value);
  if (column.kind === "points") return `${value > 0 ? "+" : ""}${number(value * 100, 1)}`;
  if (column.kind === "area") return `${number(value)}\u00a0㎡`;
  return number(value, column.kind === "yuan" ? 0 : 2);
}

export const verdictLabel = (verdict: string): string =>
  say(board.value?.choices.verdict?.[verdict]) || named("board.column", verdict);

const isAboutPeople = ({ key, kind }: ColumnOf) => key.startsWith("people") && isNumeric(kind);

export const isUnknown = (row: Row, { key }: { key: string }): boolean => row.unknown_columns?.includes(key) ?? false;

export function Cell({ row, column }: { row: Row; column: ColumnOf }) {
  const value = row[column.key];
  const text = written(column, value);
  if (isUnknown(row, column)) return <span class="unknown">{t("board.unknown")}</span>;
  if (text === null && row.withheld && isAboutPeople(column))
    return (
      <abbr class="withheld" title={t("board.withheld_why")}>
        {t("board.withheld")}
      </abbr>
    );
  if (text === null) return <span class="nothing">–</span>;
  if (column.kind === "verdict") return <Verdict verdict={String(value)} />;
  if (column.kind === "share" && typeof value === "number")
    return (
      <span class="with-bar">
        {text}
        <span class="bar" aria-hidden="true">
          <span class={`bar-part bar-${column.key}`} style={{ width: `${Math.min(100, value * 100)}%` }} />
        </span>
      </span>
    );
  if (column.key === "overdue") return <strong class="late">{text}</strong>;
  if (column.key === "clause" && row.to_verify)
    return (
      <>
        {text} <small class="to-verify">{t("board.to_verify")}</small>
      </>
    );
  return <>{text}</>;
}

/** A mark and its word: never colour alone. */
export function Verdict({ verdict }: { verdict: string }) {
  return (
    <span class={`verdict verdict-${verdict}`}>
      <span aria-hidden="true">{named("board.mark", verdict)}</span> {verdictLabel(verdict)}
    </span>
  );
}
