/** All categories of the run at a glance; a click shows another one without asking the server. */
import { categories } from "../data/catalogue";
import { sharesOf, totalOf } from "../data/coverage";
import { percent, t } from "../i18n";
import { title } from "../shared/lang";
import { bandsShown } from "./bands";
import { basisInUse, isStale, result } from "./paint-state";
import { ShareBar } from "./share-bar";
import * as state from "./state";

export function CategoryOverview() {
  const run = result.value;
  if (!run || run.totals.length < 2) return null;
  const entries = categories.value.flatMap((category) => {
    const row = totalOf(run, category.code, bandsShown(category.code));
    return row ? [{ category, shares: sharesOf(row, basisInUse.value) }] : [];
  });
  if (entries.length < 2) return null;
  return (
    <section aria-labelledby="overview-title">
      <h3 id="overview-title">{t("map.overview.title")}</h3>
      <p class="hint">{t(`map.overview.by_${basisInUse.value}`)}</p>
      <ul class={isStale.value ? "overview is-stale" : "overview"}>
        {entries.map(({ category, shares }) => (
          <li key={category.code}>
            <button
              type="button"
              aria-pressed={category.code === state.category.value}
              onClick={() => {
                state.category.value = category.code;
                state.open("results");
              }}
            >
              <span class="overview-name">{title(category.label)}</span>
              <ShareBar shares={shares} />
              <span class="overview-share">{percent(shares.covered)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
