/** A failure in words: the server's sentence where it has one, else what happened and what to do. */
import { t } from "../i18n";
import { lang } from "../shared/lang";
import type { Problem } from "../shared/request";

export function sentenceOf(problem: Problem): string {
  const said = problem.sentence(lang.value);
  if (said) return said;
  if (problem.status === 0 && problem.code === "unreachable") return t("map.problem.unreachable");
  if (problem.code === "page_fault") return t("map.problem.page");
  return t("map.problem.server", { status: problem.status || problem.code });
}

export const ProblemText = ({ problem }: { problem: Problem }) => <>{sentenceOf(problem)}</>;

export function ProblemNote({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div class="note note-bad" role="alert">
      <p>{sentenceOf(problem)}</p>
      {problem.status === 404 && <p>{t("map.problem.gone")}</p>}
      {problem.status === 403 && <p>{t("map.problem.forbidden")}</p>}
      {retry && problem.status !== 404 && problem.status !== 403 && (
        <button type="button" onClick={retry}>
          {t("map.retry")}
        </button>
      )}
    </div>
  );
}
