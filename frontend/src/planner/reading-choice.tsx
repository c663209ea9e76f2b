/** Whether quarters and gates not known to be closed count as open or as closed, where it makes a difference. */
import { number, t } from "../i18n";
import type { Note } from "../shared/api";
import { say } from "../shared/lang";
import * as state from "./state";

/** Notes that say figures are as if open. */
const AS_OPEN: readonly string[] = ["note.closures_unknown"];

/** A note on a result in words: those of closures say which of the two readings is looked at. */
export function noteText({ key, zh = "", en = "", facts }: Note, run: { if_closed?: object | null }): string {
  const named = facts?.named;
  const isAsClosed = state.ifClosed.value && run.if_closed && AS_OPEN.includes(key);
  if (!isAsClosed || !Array.isArray(named)) return say({ zh, en });
  const first = named.map(String).reduceRight((rest, one) => (rest ? t("map.list", { first: one, rest }) : one), "");
  const count = Number(facts?.count);
  return t("map.reading.as_closed", {
    count: number(count),
    named: count > named.length ? t("map.reading.first", { first }) : first,
  });
}

export function ReadingChoice({ run, isByBuilding = false }: { run: { if_closed?: object }; isByBuilding?: boolean }) {
  if (!run.if_closed) return null;
  return (
    <div class="reading">
      <label class="check">
        <input
          type="checkbox"
          checked={state.ifClosed.value}
          onChange={(event) => {
            state.ifClosed.value = event.currentTarget.checked;
          }}
        />
        {t("map.reading.if_closed")}
      </label>
      <p class="hint">{t(isByBuilding ? "map.reading.hint_building" : "map.reading.hint")}</p>
    </div>
  );
}
