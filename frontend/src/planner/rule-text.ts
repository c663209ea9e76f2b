/** The rule coverage is held against, in words: a distance rule or a time rule. */
import { BY_AGE, circles, profileNamed } from "../data/catalogue";
import { metres, number, t } from "../i18n";
import type { CoverageResult, LimitSaid } from "../shared/api";
import { capital, say } from "../shared/lang";
import { bandLabel } from "./bands";
import * as state from "./state";

/** The same with the time of day by which gates are open or shut, where one was asked. */
export function ruleText(limit: LimitSaid, profile: string, at?: string | null): string {
  return at ? t("map.rule.at", { rule: limitText(limit, profile), at }) : limitText(limit, profile);
}

/** The rule coverage on the map is held against: of one age band that walks by its own way, its own. */
export function coverageRule({ limit, walkers, parameters }: CoverageResult): string {
  const profile = parameters.profile ?? state.profile.value;
  const walker = profile === BY_AGE ? walkers?.[state.band.value] : undefined;
  if (!walker) return ruleText(limit, profile, parameters.at);
  const own = ruleText({ ...limit, metres: walker.limit_m }, walker.profile, parameters.at);
  return t("map.rule.by_band", { rule: own, band: capital(bandLabel(state.band.value)) });
}

function limitText(limit: LimitSaid, profile: string): string {
  if (limit.kind === "distance") {
    const isCircle = circles.value.some((one) => one.minutes === limit.minutes && one.distance_m === limit.metres);
    const other = isStrict(limit.minutes, limit.metres) ? "map.rule.distance_strict" : "map.rule.distance_radius";
    return t(isCircle ? "map.rule.distance" : other, {
      minutes: number(limit.minutes ?? 0),
      metres: metres(limit.metres),
    });
  }
  if (profile === BY_AGE) return t("map.rule.time_by_age", { minutes: number(limit.minutes ?? 0, 1) });
  return t("map.rule.time", {
    minutes: number(limit.minutes ?? 0, 1),
    profile: say(profileNamed(profile)?.label) || profile,
    metres: metres(limit.metres),
  });
}

/** Whether a distance is the stricter one of the living circle of so many minutes. */
export const isStrict = (minutes: number | null | undefined, metres: number | undefined): boolean =>
  circles.value.some((circle) => circle.minutes === minutes && circle.stricter_distance_m === metres);
