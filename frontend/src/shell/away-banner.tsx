/** One line while the server cannot be reached; it lies over the page, so that nothing moves, and goes by itself. */
import { connection } from "../shared/connection";
import { t } from "./texts";

export function AwayBanner() {
  const now = connection.value;
  return (
    <div class="away" role="status">
      {now !== "there" && <p>{t(now === "offline" ? "shell.away.offline" : "shell.away")}</p>}
    </div>
  );
}
