/** The way back to a version: what it does to the others of a split or merge is said first, and they can go with it. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Partner, restoreRow, type Version, versionOf } from "../../data/editing";
import { loadFeature } from "../../data/features";
import { metres } from "../../i18n";
import { asProblem } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { editing, toldChanged } from "../edit-state";
import { ProblemNote } from "../problem-note";
import { loadVersions } from "./history-state";
import { areaText } from "./measured";
import * as session from "./session";
import { t } from "./texts";

const calledOf = ({ name, code }: Partner): string => (name ? t("edit.restore.whose", { name, code }) : code);

/** Whose ground is left to nobody, or counted twice, and how much of it. */
export function stakeText(one: Partner): string {
  const size = one.area_m2 === null ? metres(one.length_m ?? 0) : areaText(one.area_m2);
  return t(`edit.restore.${one.becomes}`, { partner: calledOf(one), size });
}

export function Restore({ one: { version, at_stake }, cancel }: { one: Version; cancel: () => void }) {
  const yes = useRef<HTMLButtonElement>(null);
  const problem = useSignal<Problem | null>(null);
  const isBusy = useSignal(false);
  const stake = at_stake ?? [];
  const taken = useSignal<readonly string[]>(stake.map(({ code }) => code));
  useEffect(() => yes.current?.focus(), []);
  const restore = async () => {
    const stored = session.row.peek();
    const now = editing.peek();
    if (!stored || !now?.code) return;
    isBusy.value = true;
    problem.value = null;
    const along = stake.filter(({ code }) => taken.peek().includes(code));
    const partners = Object.fromEntries(along.map((partner) => [partner.code, partner.version]));
    try {
      const kept = await restoreRow(now.layer, now.code, versionOf(stored), version, partners);
      await session.goOnWith(kept, t("edit.restored", { version, now: versionOf(kept) }));
      toldChanged(now.layer);
      void loadFeature(now.layer, now.code);
      void loadVersions();
    } catch (error) {
      problem.value = asProblem(error);
      isBusy.value = false;
    }
  };
  const isAlone = stake.length > 0 && taken.value.length === 0;
  return (
    <div class={isAlone ? "note note-bad" : "note"} role="group" aria-label={t("edit.restore")}>
      <p>{t("edit.restore_ask", { version })}</p>
      {stake.map((partner) => (
        <div key={partner.code}>
          <p>{stakeText(partner)}</p>
          <label class="edit-check">
            <input
              type="checkbox"
              checked={taken.value.includes(partner.code)}
              onChange={({ currentTarget }) => {
                const others = taken.peek().filter((code) => code !== partner.code);
                taken.value = currentTarget.checked ? [...others, partner.code] : others;
              }}
            />
            <span>{t(`edit.restore.take_${partner.becomes}`, { partner: calledOf(partner) })}</span>
          </label>
        </div>
      ))}
      {problem.value && <ProblemNote problem={problem.value} />}
      <div class="actions">
        <button type="button" class="primary" ref={yes} disabled={isBusy.value} onClick={() => void restore()}>
          {t(isAlone ? "edit.restore_anyway" : "edit.restore_do")}
        </button>
        <button type="button" onClick={cancel}>
          {t("edit.cancel")}
        </button>
      </div>
    </div>
  );
}
