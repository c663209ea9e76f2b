/** Says that the base map did not come and that our own data is shown in its place. */
import { title } from "../shared/lang";
import { chooseBase, lostBase } from "./base-state";
import { t } from "./base-texts";

export default function BaseLost() {
  const gone = lostBase.value;
  if (!gone) return null;
  return (
    <p class="chip chip-bad" role="alert">
      {t("base_maps.failed", { name: title(gone.label) })}{" "}
      <button type="button" onClick={() => chooseBase(gone.code)}>
        {t("base_maps.retry")}
      </button>
    </p>
  );
}
