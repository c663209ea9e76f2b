/** Prints what the map shows, for those who may; the questions are fetched when it is first pressed. */
import { signal } from "@preact/signals";
import { me } from "../data/me";
import { t } from "../i18n";
import type { Bounds } from "../shared/api";
import { ready } from "../shared/loadable";
import { lazy } from "../shell/lazy";

const PrintDialog = lazy(() => import("./print-dialog"));
const isOpen = signal(false);

/** What is in view, told by the map. */
export const boundsOf: { current: () => Bounds } = { current: () => [0, 0, 0, 0] };

export function PrintButton() {
  if ((ready(me.state.value)?.may.report ?? "none") === "none") return null;
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => {
          isOpen.value = true;
        }}
      >
        {t("map.print")}
      </button>
      {isOpen.value && (
        <PrintDialog
          onClose={() => {
            isOpen.value = false;
          }}
        />
      )}
    </>
  );
}
