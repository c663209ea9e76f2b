/** A failure in words, and what to do next. */
import { lang } from "../shared/lang";
import type { Problem } from "../shared/request";
import { go, look } from "./state";
import { t } from "./texts";

export function sentenceOf(problem: Problem): string {
  if (problem.code === "row_unknown") return t("board.problem.area_gone");
  const said = problem.sentence(lang.value);
  if (said) return said;
  if (problem.status === 0 && problem.code === "unreachable") return t("board.problem.unreachable");
  return t("board.problem.other", { what: problem.status || problem.code });
}

export function Fault({ problem, retry }: { problem: Problem; retry?: () => void }) {
  const isAway = problem.code === "row_unknown" && look.value.area !== null;
  return (
    <div class="note note-bad" role="alert">
      <p>{sentenceOf(problem)}</p>
      {isAway ? (
        <button type="button" onClick={() => go({ area: null })}>
          {t("board.to_everywhere")}
        </button>
      ) : (
        retry && (
          <button type="button" onClick={retry}>
            {t("board.retry")}
          </button>
        )
      )}
    </div>
  );
}
