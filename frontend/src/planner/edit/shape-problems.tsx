/** What the server says of the shape; the numbers stand on the map too. */
import { ProblemText } from "../problem-note";
import { goTo } from "./go-to";
import * as session from "./session";
import { t } from "./texts";

export function Problems() {
  const answer = session.checked.state.value;
  if (answer.status === "loading" || session.isCheckDue.value)
    return (
      <p role="status" class="hint">
        {t("edit.checking")}
      </p>
    );
  if (answer.status === "failed")
    return (
      <p class="hint" role="status">
        {t("edit.not_checked")} <ProblemText problem={answer.problem} />
      </p>
    );
  if (answer.status !== "ready") return null;
  const { problems } = answer.value;
  if (problems.length === 0)
    return (
      <p class="note note-good" role="status">
        {t("edit.checked")}
      </p>
    );
  return (
    <div class="note" role="status">
      <p>
        <strong>{t("edit.problems", { count: answer.value.problems_count ?? problems.length })}</strong>
      </p>
      <ol class="edit-problems">
        {problems.map(({ sentence, geometry, blocks }, place) => (
          <li key={place}>
            {blocks && <strong>{t("edit.blocks")} </strong>}
            {sentence}{" "}
            {geometry && (
              <button type="button" class="link" onClick={() => goTo(geometry)}>
                {t("edit.show")}
              </button>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
