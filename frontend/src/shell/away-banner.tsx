/** One line while the server cannot be reached, or once it was updated; it lies over the page, so that nothing moves. */
import { connection } from "../shared/connection";
import { isUpdated } from "../shared/updated";
import { t } from "./texts";

export function AwayBanner() {
  const now = connection.value;
  return (
    <div class="away" role="status">
      {now !== "there" && <p>{t(now === "offline" ? "shell.away.offline" : "shell.away")}</p>}
      {now === "there" && isUpdated.value && (
        <p>
          {t("shell.updated")}{" "}
          <button type="button" onClick={() => window.location.reload()}>
            {t("shell.updated.reload")}
          </button>
        </p>
      )}
    </div>
  );
}
