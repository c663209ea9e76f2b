/** A failure in words, and a form's way to have one. */
import { useState } from "preact/hooks";
import { lang } from "../shared/lang";
import { asProblem } from "../shared/loadable";
import type { Problem } from "../shared/request";
import { t } from "./texts";

export function sentenceOf(problem: Problem): string {
  const said = problem.sentence(lang.value);
  if (said) return said;
  if (problem.status === 0 && problem.code === "unreachable") return t("desk.problem.unreachable");
  return t("desk.problem.other", { what: problem.status || problem.code });
}

export function Fault({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div class="note note-bad" role="alert">
      <p>{sentenceOf(problem)}</p>
      {retry && (
        <button type="button" onClick={retry}>
          {t("desk.retry")}
        </button>
      )}
    </div>
  );
}

/** What a form needs while it sends: whether it is busy, what went wrong, and what runs the sending. */
export function useSending() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      return true;
    } catch (error) {
      setProblem(asProblem(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, problem, send };
}
