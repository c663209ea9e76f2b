/** How each age band walks where everybody walks by age: profile and distance within the time. */
import { profileNamed } from "../data/catalogue";
import { metres, t } from "../i18n";
import type { Walker } from "../shared/api";
import { capital, say } from "../shared/lang";
import { BANDS, bandLabel } from "./bands";

export function Walkers({ walkers }: { walkers: Record<string, Walker> }) {
  return (
    <details>
      <summary>{t("map.results.walkers")}</summary>
      <dl class="fields">
        {BANDS.map((band) => {
          const walker = walkers[band];
          return (
            walker && (
              <div key={band}>
                <dt>{capital(bandLabel(band))}</dt>
                <dd>
                  {t("map.results.walker", {
                    profile: say(profileNamed(walker.profile)?.label) || walker.profile,
                    metres: metres(walker.limit_m),
                  })}
                </dd>
              </div>
            )
          );
        })}
      </dl>
    </details>
  );
}
