/** Runs an analysis or shows one that is kept; tells how far it is and what went wrong. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { me } from "../../data/me";
import { doneOf, type KeptRun, keptRuns, type Parameters, type Runner, type RunResult } from "../../data/runs";
import { moment, number } from "../../i18n";
import { say } from "../../shared/lang";
import { ready } from "../../shared/loadable";
import { Choice } from "../coverage-panel";
import { ProblemNote } from "../problem-note";
import { noteText } from "../reading-choice";
import * as state from "../state";
import { t } from "./texts";

interface Asked<T extends RunResult> {
  kind: string;
  runner: Runner<T>;
  /** What would be asked now; null while something is missing. */
  question: object | null;
  label: string;
  /** What is still to be chosen, where the question is not whole. */
  missing?: string;
  /** Whether a kept run answers what is asked now. */
  fits: (parameters: Parameters) => boolean;
  describe?: (run: KeptRun) => string;
}

/** Whether it is known yet who looks. */
export const isKnown = (): boolean => ready(me.state.value) !== null;
export const may = (story: string): boolean => (ready(me.state.value)?.may[story] ?? "none") !== "none";

export function RunBox<T extends RunResult>({ kind, runner, question, label, missing, fits, describe }: Asked<T>) {
  const now = runner.state.value;
  const kept = useSignal<KeptRun[]>([]);
  const uid = doneOf(now)?.uid;
  useEffect(() => {
    const abort = new AbortController();
    keptRuns(kind, abort.signal).then(
      (found) => {
        kept.value = found;
      },
      () => {}, // the list only helps; what fails is told where it is asked for
    );
    return () => abort.abort();
  }, [kind, uid]);
  const end = useRef<HTMLDivElement>(null);
  const sought = useRef<string | null>(null);
  const start = async () => {
    if (now.status === "running") return;
    const made = await runner.ask(question);
    sought.current = made;
    if (made) state.ask({ run: made });
  };
  useEffect(() => {
    if (!uid || uid !== sought.current) return;
    sought.current = null;
    end.current?.scrollIntoView?.({ block: "start" }); // what was asked for stands below the questions
  }, [uid]);
  const fitting = kept.value.filter(({ parameters }) => fits(parameters));
  return (
    <>
      {may("analyse") ? (
        <>
          <button
            type="button"
            class="primary"
            disabled={question === null}
            aria-disabled={now.status === "running"} // keeps the focus
            onClick={() => void start()}
          >
            {label}
          </button>
          {question === null && <p class="hint">{missing ?? t("tools.run.choose_first")}</p>}
        </>
      ) : (
        isKnown() && <p class="note">{t("tools.run.may_not")}</p>
      )}
      {fitting.length > 0 && (
        <Choice
          label={t("tools.run.kept", { count: number(fitting.length) })}
          value={fitting.some((run) => run.uid === uid) ? (uid ?? "") : ""}
          options={[
            ...(fitting.some((run) => run.uid === uid) ? [] : [{ value: "", label: t("tools.run.choose") }]),
            ...fitting.map((run) => ({
              value: run.uid,
              label: [moment(run.created_at), describe?.(run)].filter(Boolean).join(" · "),
            })),
          ]}
          onChange={(value) => {
            if (value) state.ask({ run: value });
          }}
        />
      )}
      {now.status === "running" && (
        <div class="progress" role="status">
          <label>
            {say(now.message) || t("tools.run.waiting")}
            <progress max={1} value={now.progress ?? undefined} />
          </label>
        </div>
      )}
      {now.status === "failed" && (
        <>
          <ProblemNote problem={now.problem} />
          {now.problem.code === "run_unknown" && <p class="hint">{t("tools.run.gone")}</p>}
        </>
      )}
      <div ref={end} />
    </>
  );
}

/** When and by which version it was computed, and what a reader must know. */
export function About({ result }: { result: RunResult }) {
  return (
    <>
      {result.notes.length > 0 && (
        <ul class="notes">
          {result.notes.map((note) => (
            <li key={note.key}>{noteText(note, result)}</li>
          ))}
        </ul>
      )}
      <p class="hint">{t("tools.run.made", { moment: moment(result.created_at), version: result.code_version })}</p>
    </>
  );
}
