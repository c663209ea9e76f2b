/** Saved views, for those who may keep some, and the one the address names; fetched when first wanted. */
import { signal, useSignalEffect } from "@preact/signals";
import { me } from "../data/me";
import { t } from "../i18n";
import { ready } from "../shared/loadable";
import { lazy } from "../shell/lazy";
import * as state from "./state";

const ViewsDialog = lazy(() => import("./views-dialog"));
const isOpen = signal(false);

export function ViewsButton() {
  useSignalEffect(() => {
    if (state.viewAsked.value !== null) isOpen.value = true;
  });
  const may = (ready(me.state.value)?.may.keep_views ?? "none") !== "none";
  return (
    <>
      {may && (
        <button
          type="button"
          aria-haspopup="dialog"
          onClick={() => {
            isOpen.value = true;
          }}
        >
          {t("map.views")}
        </button>
      )}
      {isOpen.value && (
        <ViewsDialog
          onClose={() => {
            isOpen.value = false;
            state.viewAsked.value = null;
          }}
        />
      )}
    </>
  );
}
