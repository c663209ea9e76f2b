/** Before and after by area; beside another kept scenario where one is chosen. */
import { useEffect, useRef } from "preact/hooks";
import { STANDARD } from "../../data/catalogue";
import type { WithPlaces } from "../../data/scenario-places";
import type { Effect, EffectRow, Headline } from "../../data/scenarios";
import { number, percent } from "../../i18n";
import { capital, lang, say } from "../../shared/lang";
import { ready } from "../../shared/loadable";
import { BANDS, bandLabel } from "../bands";
import { byLabel } from "../by-options";
import { focusQuietly } from "../focus";
import { ProblemNote } from "../problem-note";
import { ReadingChoice } from "../reading-choice";
import { ruleText } from "../rule-text";
import { BandList } from "./band-list";
import { basisOf } from "./difference";
import { nothingText, Places } from "./scenario-places";
import * as now from "./scenario-state";
import { t } from "./texts";
import { signed, told } from "./told";

export function Outcome() {
  const answer = now.answer.state.value;
  const found = now.shown.value;
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!found || !now.isSought.peek()) return;
    now.isSought.value = false;
    section.current?.scrollIntoView({ block: "nearest" });
  }, [found]);
  if (now.edits.now.value.length === 0) return <p class="hint">{t("tools.scenario.no_edits")}</p>;
  return (
    <section ref={section} aria-labelledby="outcome" aria-busy={answer.status === "loading"}>
      <h3 id="outcome">{t("tools.scenario.outcome")}</h3>
      {answer.status === "failed" && <ProblemNote problem={answer.problem} />}
      {answer.status === "loading" && <p role="status">{t("tools.computing")}</p>}
      {found && (
        <div class={answer.status === "loading" ? "stack is-stale" : "stack"}>
          <ReadingChoice run={found as WithPlaces} />
          <Tables found={now.asSeen(found)} />
        </div>
      )}
    </section>
  );
}

const totalOf = (found: Effect): Headline | undefined => found.headlines.find(({ level }) => level === "total");

/** Whose people are counted, where it is not everybody's. */
function whose({ bands }: Headline): string | null {
  if (bands.includes("all")) return null;
  return `${bands.map(bandLabel).join(lang.value === "zh" ? "、" : ", ")} `;
}

function Tables({ found }: { found: Effect }) {
  const compared = ready(now.other.state.value);
  const other = compared && now.asSeen(compared);
  const basis = basisOf(found);
  const total = totalOf(found);
  const rows = found.headlines.filter(
    ({ level, [`${basis}_covered_difference` as const]: difference }) => level !== "total" && difference !== 0,
  );
  const bands = found.totals.filter(
    ({ band, people_covered_difference }) => BANDS.includes(band) && people_covered_difference,
  );
  return (
    <>
      {total && (
        <div class="rule" role="status">
          {ruleText(found.limit, now.question.value?.profile ?? STANDARD, now.question.value?.at)}
          <p>
            {basis === "people" && whose(total)}
            <strong>
              {t(basis === "people" ? "tools.scenario.total_people" : "tools.scenario.total_homes", {
                before: told(total, total[`${basis}_covered_before`]),
                after: told(total, total[`${basis}_covered_after`]),
                difference: signed(total, total[`${basis}_covered_difference`]),
              })}
            </strong>
          </p>
          {basis === "people" && total.people_covered_from_unknown !== 0 && (
            <p>
              {t("tools.scenario.newly", {
                newly: told(total, total.people_newly_covered),
                unsure: told(total, total.people_covered_from_unknown),
              })}
            </p>
          )}
          <p>
            {t("tools.siting.before_after", {
              before: percent(share(total, basis, "before")),
              after: percent(share(total, basis, "after")),
            })}
          </p>
          <BandList rows={bands.map((row) => ({ band: row.band, said: signed(row, row.people_covered_difference) }))} />
        </div>
      )}
      {rows.length === 0 ? (
        <p class="note">{nothingText(found as WithPlaces)}</p>
      ) : (
        <Table found={found} rows={rows} basis={basis} other={other} />
      )}
      <Places found={found} />
      {found.notes.length > 0 && (
        <ul class="notes">
          {found.notes.map((note) => (
            <li key={note.key}>{say(note)}</li>
          ))}
        </ul>
      )}
    </>
  );
}

interface TableAsked {
  found: Effect;
  rows: readonly EffectRow[];
  basis: "people" | "buildings";
  other: Effect | null;
}

function Table({ found, rows, basis, other }: TableAsked) {
  const difference = `${basis}_covered_difference` as const;
  const sorted = [...rows].sort((a, b) => Math.abs(b[difference] ?? 0) - Math.abs(a[difference] ?? 0));
  const layer = found.by.includes("grid") ? "grids" : "areas";
  const beside = (code: string | null) => {
    const row = other?.headlines.find((one) => one.level !== "total" && one.code === code);
    return row ? signed(row, row[difference]) : "0";
  };
  return (
    <div class="table-frame">
      <table class="results">
        <caption>{t("tools.scenario.caption", { by: byLabel(found.by), count: number(rows.length) })}</caption>
        <thead>
          <tr>
            <th scope="col" class="plain">
              {capital(byLabel(found.by))}
            </th>
            {(["before", "after", "difference"] as const).map((column) => (
              <th key={column} scope="col" class="plain">
                {t(`tools.scenario.column_${column}`)}
              </th>
            ))}
            {other && (
              <th scope="col" class="plain">
                {t("tools.scenario.column_other")}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.code}>
              <th scope="row">
                {row.code === null ? (
                  t("tools.capacity.outside")
                ) : (
                  <button type="button" class="link" onClick={() => void focusQuietly(layer, row.code as string)}>
                    {row.name ?? row.code}
                  </button>
                )}
              </th>
              <td class="number">{told(row, row[`${basis}_covered_before`])}</td>
              <td class="number">{told(row, row[`${basis}_covered_after`])}</td>
              <td class="number">
                <strong>{signed(row, row[difference])}</strong>
              </td>
              {other && <td class="number">{beside(row.code)}</td>}
            </tr>
          ))}
          {other && <OtherTotal other={other} found={found} basis={basis} />}
        </tbody>
      </table>
    </div>
  );
}

function OtherTotal({ other, found, basis }: { other: Effect; found: Effect; basis: "people" | "buildings" }) {
  const difference = `${basis}_covered_difference` as const;
  const mine: Partial<Headline> = totalOf(found) ?? {};
  const others: Partial<Headline> = totalOf(other) ?? {};
  return (
    <tr class="is-total">
      <th scope="row">{t("tools.scenario.together")}</th>
      <td class="number">{told(mine, mine[`${basis}_covered_before`])}</td>
      <td class="number">{told(mine, mine[`${basis}_covered_after`])}</td>
      <td class="number">
        <strong>{signed(mine, mine[difference])}</strong>
      </td>
      <td class="number">{signed(others, others[difference])}</td>
    </tr>
  );
}

function share(row: EffectRow, basis: "people" | "buildings", when: "before" | "after"): number | null {
  const part = row[`${basis}_covered_${when}`];
  const whole = row[`${basis}_total_after`];
  return part === null || !whole ? null : part / whole;
}
