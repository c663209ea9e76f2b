/** What the whole page must say: example data, nothing loaded yet, server away, tiles on their way. */
import { catalogue, loadCatalogue, summary } from "../data/catalogue";
import { me } from "../data/me";
import { t } from "../i18n";
import { loadStyles, styleSheet } from "../map/style";
import { ready } from "../shared/loadable";
import { lazy } from "../shell/lazy";
import { lostBase } from "./base-state";
import { isStale, loading, retryTiles } from "./paint-state";
import { ProblemNote } from "./problem-note";

export function PageNotices() {
  const answer = catalogue.state.value;
  const styles = styleSheet.state.value;
  const failed = answer.status === "failed" ? answer : styles.status === "failed" ? styles : null;
  const again = () => {
    void loadStyles();
    void loadCatalogue();
  };
  return (
    <div class="notices">
      {summary.value?.is_synthetic && (
        <p class="note note-synthetic" role="note">
          <strong>{t("map.synthetic.mark")}</strong> {t("map.synthetic.text")}
        </p>
      )}
      {failed && <ProblemNote problem={failed.problem} retry={again} />}
      {summary.value && summary.value.bounds === null && (
        <p class="note" role="status">
          {t((ready(me.state.value)?.may.import ?? "none") === "none" ? "map.empty.other" : "map.empty")}
        </p>
      )}
    </div>
  );
}

const StaleNote = lazy(() => import("./stale-note"));
const BaseLost = lazy(() => import("./base-lost"));

export function MapNotices() {
  const { pending, failed } = loading.value;
  return (
    <div class="map-notices" data-pending={pending}>
      {pending > 0 && <p class="chip">{t("map.tiles.loading")}</p>}
      {isStale.value && <StaleNote />}
      {lostBase.value && <BaseLost />}
      {failed > 0 && pending === 0 && (
        <p class="chip chip-bad" role="alert">
          {t("map.tiles.failed")}{" "}
          <button type="button" onClick={() => retryTiles.current()}>
            {t("map.retry")}
          </button>
        </p>
      )}
    </div>
  );
}
