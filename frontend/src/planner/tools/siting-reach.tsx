/** Whom chosen sites newly reach, by grid, on the map: of the site one looks at, else of all of them together. */
import { computed, effect, type ReadonlySignal, untracked } from "@preact/signals";
import { type Effect, evaluate } from "../../data/scenarios";
import { editsOf, type Site, type SitingResult } from "../../data/siting";
import { ready, resource } from "../../shared/loadable";
import { byLabel } from "../by-options";
import { figures } from "../overlay-state";
import { sheet } from "../paint-state";
import { DifferenceLegend } from "./difference-legend";
import { changesOf, differencePaint } from "./difference-paint";
import { asked, together } from "./follow";
import { may } from "./run-box";
import { placeName } from "./siting-names";
import { t } from "./texts";

const reach = resource<Effect>();
const found = computed(() => ready(reach.state.value));
const chosen = computed(() => asked("site"));

/** Asks what sites bring as a what-if asked the same way does: of each grid what its reader may see. */
export function followReach(run: ReadonlySignal<SitingResult | null>): () => void {
  return together(
    effect(() => {
      const result = run.value;
      const code = chosen.value;
      untracked(() => {
        const one = result?.sites.filter((site) => site.code === code) ?? [];
        const sites = one.length > 0 ? one : (result?.sites ?? []);
        if (!result || sites.length === 0 || !may("analyse")) return reach.clear();
        const { circle, minutes, strict, profile, at } = result.parameters;
        const question = {
          category: result.category,
          by: "grid",
          ...(circle != null && { circle }),
          ...(minutes != null && { minutes }),
          ...(strict && { strict }),
          ...(profile != null && { profile }),
          ...(at != null && { at }),
        };
        const edits = editsOf(result.category, sites, placeName);
        void reach.load((signal) => evaluate(edits, question, signal));
      });
    }),
    effect(() => {
      figures.value = found.value && sheet.value && differencePaint(sheet.value, found.value);
    }),
    reach.clear,
  );
}

/** What the colours on the map are of. */
export function ReachHint({ site }: { site: Site | undefined }) {
  if (!found.value) return null;
  return (
    <p class="hint">{site ? t("tools.siting.reach_one", { name: placeName(site) }) : t("tools.siting.reach_all")}</p>
  );
}

export function ReachLegend({ isOpen }: { isOpen: boolean }) {
  const shown = found.value;
  if (!shown) return null;
  return (
    <>
      {isOpen && <p class="legend-rule">{t("tools.siting.reach_legend", { by: byLabel(shown.by) })}</p>}
      <DifferenceLegend changes={changesOf(shown)} isOpen={isOpen} isGain />
    </>
  );
}
