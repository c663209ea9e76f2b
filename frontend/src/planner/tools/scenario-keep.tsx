/** Keeping scenarios under a name, handing them on by a link, comparing with another, making one a project. */
import { batch, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import {
  changeScenario,
  createScenario,
  loadScenarios,
  projectOf,
  type Scenario,
  scenarios,
} from "../../data/scenarios";
import { asProblem, ready } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { newKey } from "../../shared/send-file";
import { stateNow } from "../address";
import { Choice } from "../coverage-panel";
import { ProblemNote } from "../problem-note";
import * as state from "../state";
import { asked } from "./follow";
import { may } from "./run-box";
import { ELSEWHERE } from "./scenario-draft";
import * as now from "./scenario-state";
import { t } from "./texts";

export function Keeping() {
  useEffect(() => void loadScenarios(), []);
  const all = ready(scenarios.state.value) ?? [];
  const kept = now.kept.value;
  return (
    <fieldset class="limit stack">
      <legend>{t("tools.scenario.keeping")}</legend>
      {all.length > 0 && (
        <Choice
          label={t("tools.scenario.open")}
          value={kept?.uid ?? ""}
          options={[{ value: "", label: t("tools.scenario.new") }, ...all.map(optionOf)]}
          onChange={(uid) => state.ask({ scenario: uid || null, edit: null, edits: null })}
        />
      )}
      {may("write_scenarios") && <SaveBox key={kept?.uid ?? "new"} kept={kept} />}
      {now.edits.now.value.length > 0 && <Share />}
      {kept && !now.isChanged.value && may("write_projects") && <HandOn key={kept.uid} uid={kept.uid} />}
      {all.length > 0 && (
        <Choice
          label={t("tools.scenario.compare")}
          value={asked("compare") ?? ""}
          options={[
            { value: "", label: t("tools.scenario.compare_none") },
            ...all.filter(({ uid }) => uid !== kept?.uid).map(optionOf),
          ]}
          onChange={(uid) => state.ask({ compare: uid || null })}
        />
      )}
      <OtherProblem />
    </fieldset>
  );
}

const optionOf = ({ uid, name }: Scenario) => ({ value: uid, label: name });

function OtherProblem() {
  const other = now.other.state.value;
  return other.status === "failed" ? <ProblemNote problem={other.problem} /> : null;
}

function SaveBox({ kept }: { kept: Scenario | null }) {
  const name = useSignal(kept?.name ?? "");
  const problem = useSignal<Problem | null>(null);
  const isSending = useSignal(false);
  const isMissing = useSignal(false);
  const edits = now.edits.now.value;
  const save = async (isNew: boolean) => {
    const wanted = now.question.peek();
    isMissing.value = name.value.trim() === "";
    if (!wanted || isMissing.value) return;
    const { category, ...others } = wanted;
    const body = { name: name.value.trim(), edits, question: { categories: [category], ...others } };
    isSending.value = true;
    problem.value = null;
    try {
      const made =
        kept && !isNew ? await changeScenario(kept.uid, kept.version, body) : await createScenario(body, newKey());
      batch(() => {
        now.kept.value = made;
        state.ask({ scenario: made.uid, edits: null });
      });
      void loadScenarios();
    } catch (error) {
      problem.value = asProblem(error);
    }
    isSending.value = false;
  };
  const isIdle = !isSending.value && edits.length > 0;
  const isAsKept = kept !== null && !now.isChanged.value && !now.isAskedOtherwise.value;
  return (
    <>
      <label class="choice">
        <span>{t("tools.scenario.name")}</span>
        <input
          type="text"
          maxLength={200}
          value={name.value}
          aria-invalid={isMissing.value}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
        {isMissing.value && <small role="alert">{t("tools.scenario.name_missing")}</small>}
      </label>
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={!isIdle || (isAsKept && name.value.trim() === kept?.name)}
          onClick={() => void save(false)}
        >
          {t("tools.scenario.save")}
        </button>
        {kept && (
          <button type="button" disabled={!isIdle} onClick={() => void save(true)}>
            {t("tools.scenario.save_new")}
          </button>
        )}
      </div>
      {problem.value && <ProblemNote problem={problem.value} />}
    </>
  );
}

/** A link that shows the same to others: to the kept scenario, else with the edits in it. */
function Share() {
  const kept = now.kept.value;
  if (asked("edits") === ELSEWHERE) return <p class="note">{t("tools.scenario.save_first")}</p>;
  const isKept = kept !== null && !now.isChanged.value && !now.isAskedOtherwise.value;
  const path = isKept ? `/map?scenario=${kept.uid}` : `/map#${stateNow()}`;
  return (
    <label class="choice">
      <span>{t("tools.scenario.link")}</span>
      <input
        type="text"
        readOnly={true}
        value={`${location.origin}${path}`}
        onFocus={(event) => event.currentTarget.select()}
      />
      <small>{t(isKept ? "tools.scenario.link_note" : "tools.scenario.link_unsaved")}</small>
    </label>
  );
}

function HandOn({ uid }: { uid: string }) {
  const problem = useSignal<Problem | null>(null);
  const made = useSignal<string | null>(null);
  const key = useSignal(newKey());
  const code = made.value;
  const open = async () => {
    problem.value = null;
    try {
      made.value = await projectOf(uid, key.value);
    } catch (error) {
      problem.value = asProblem(error);
    }
  };
  return (
    <>
      {code ? (
        <p role="status">
          {t("tools.gaps.project_made")}{" "}
          <button type="button" class="link" onClick={() => state.select({ kind: "feature", layer: "projects", code })}>
            {code}
          </button>
        </p>
      ) : (
        <button type="button" onClick={() => void open()}>
          {t("tools.scenario.project")}
        </button>
      )}
      {problem.value && <ProblemNote problem={problem.value} />}
    </>
  );
}
