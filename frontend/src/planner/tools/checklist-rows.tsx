/** Items and figures of a community's sheet. */
import type { Check, FigureRow, ItemRow, Verdict } from "../../data/checklist";
import { number } from "../../i18n";
import type { RuleCited } from "../../shared/api";
import { say } from "../../shared/lang";
import { RuleList, ToVerify } from "../rule-list";
import * as state from "../state";
import { t } from "./texts";

/** A sign beside the word, so that a printed sheet needs no colour. */
export const VERDICT_MARKS: Record<Verdict, string> = {
  pass: "✓",
  short: "✗",
  unknown: "?",
  not_surveyed: "○",
  not_applicable: "–",
};

interface ItemAsked {
  row: ItemRow;
  label: string;
  rules: Record<string, RuleCited>;
  isOpen: boolean;
  onToggle: () => void;
}

export function ItemLine({ row, label, rules, isOpen, onToggle }: ItemAsked) {
  const short = row.checks.flatMap((check) => (check.short_by === null ? [] : [shortText(check)]));
  return (
    <li>
      <button type="button" class="item" aria-expanded={isOpen} onClick={onToggle}>
        <VerdictMark verdict={row.verdict} />
        <span class="item-name">
          <small>{row.item}</small> {label}
          {short.length > 0 && <small class="item-short">{short.join(" · ")}</small>}
        </span>
        {row.to_verify && <ToVerify />}
      </button>
      {isOpen && (
        <div class="item-more">
          <p>{say(row.sentence)}</p>
          <RuleList rules={cited(row.checks, rules)} />
          {row.facilities.length > 0 && (
            <>
              <p class="hint">{t("tools.sheet.counted", { count: number(row.facilities.length) })}</p>
              <ul class="counted">
                {row.facilities.map(({ layer, code, name, is_inside }) => (
                  <li key={code}>
                    <button type="button" class="link" onClick={() => state.select({ kind: "feature", layer, code })}>
                      {name ?? code}
                    </button>
                    {!is_inside && <small> {t("tools.sheet.shared")}</small>}
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </li>
  );
}

export const VerdictMark = ({ verdict }: { verdict: Verdict }) => (
  <span class={`verdict verdict-${verdict}`}>
    <span aria-hidden="true">{VERDICT_MARKS[verdict] ?? "?"}</span> {t(`tools.verdict.${verdict}`)}
  </span>
);

const UNITS: Record<string, string> = { m2: "m²" };

function shortText({ short_by, unit, binding }: Check): string {
  const amount = [number(short_by ?? 0, 1), unit && (UNITS[unit] ?? unitText(unit))].filter(Boolean).join(" ");
  return t(binding === "advice" || binding === "figure" ? "tools.sheet.short_advice" : "tools.sheet.short", { amount });
}

function unitText(unit: string): string {
  if (unit === "persons") return t("tools.unit.persons");
  if (unit === "buildings") return t("tools.unit.buildings");
  if (unit === "spaces/household") return t("tools.unit.spaces_household");
  return unit;
}

/** The rules of several checks, each once. */
const cited = (checks: readonly Check[], rules: Record<string, RuleCited>): RuleCited[] =>
  [...new Set(checks.flatMap((check) => check.rules))].flatMap((id) => rules[id] ?? []);

interface FiguresAsked {
  title: string;
  rows: readonly FigureRow[];
  rules: Record<string, RuleCited>;
  isClosed?: boolean;
}

export function FigureRows({ title, rows, rules, isClosed = false }: FiguresAsked) {
  if (rows.length === 0) return null;
  return (
    <details open={!isClosed}>
      <summary>
        {title} ({number(rows.length)})
      </summary>
      <ul class="items">
        {rows.map((row) => (
          <li key={`${row.measure}${row.level ?? ""}${row.sentence.en}`} class="figure-row">
            <VerdictMark verdict={row.verdict} />
            <span class="item-name">
              {say(row.sentence)}
              <RuleList rules={cited([row], rules)} />
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
