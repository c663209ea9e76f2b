/** Whether quarters and gates not known to be closed count as open or as closed, where it makes a difference. */
import { t } from "../i18n";
import * as state from "./state";

export function ReadingChoice({ run, isByBuilding = false }: { run: { if_closed?: object }; isByBuilding?: boolean }) {
  if (!run.if_closed) return null;
  return (
    <div class="reading">
      <label class="check">
        <input
          type="checkbox"
          checked={state.ifClosed.value}
          onChange={(event) => {
            state.ifClosed.value = event.currentTarget.checked;
          }}
        />
        {t("map.reading.if_closed")}
      </label>
      <p class="hint">{t(isByBuilding ? "map.reading.hint_building" : "map.reading.hint")}</p>
    </div>
  );
}
