/** Says that the greyed picture is of the question before; fetched when first wanted. */
import { t } from "./tools/texts";

export default function StaleNote() {
  return (
    <p class="chip" role="status">
      {t("tools.stale")}
    </p>
  );
}
