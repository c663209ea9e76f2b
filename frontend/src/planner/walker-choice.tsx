/** Who walks: one way of walking, every age band by its own where figures are by band, or one age band by its own. */
import { batch } from "@preact/signals";
import { BY_AGE, profileNamed, profiles, walkerOf } from "../data/catalogue";
import { t } from "../i18n";
import { capital, say, title } from "../shared/lang";
import { BANDS, bandLabel, GENERAL } from "./bands";
import * as state from "./state";

const isOneBand = (): boolean => state.profile.value === BY_AGE && !GENERAL.includes(state.band.value);

/** `isOne`: of a walk that is by one way of walking, not by as many as there are age bands. */
export function WalkerChoice({ note, isOne = false }: { note?: string | undefined; isOne?: boolean }) {
  const profile = isOne ? walkerOf(state.profile.value, state.band.value) : state.profile.value;
  const now = isOneBand() ? `${BY_AGE}/${state.band.value}` : profile;
  const offered = profiles.value.filter(({ code }) => !isOne || code !== BY_AGE);
  const choose = (value: string) => {
    const [profile = BY_AGE, band] = value.split("/");
    batch(() => {
      state.profile.value = profile;
      if (band) state.band.value = band;
      else if (profile === BY_AGE) state.band.value = GENERAL[0] as string;
    });
  };
  const option = (value: string, label: string) => (
    <option key={value} value={value} selected={value === now}>
      {label}
    </option>
  );
  return (
    <label class="choice">
      <span>{t("map.coverage.profile")}</span>
      <select value={now} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {offered.map(({ code, label }) => option(code, title(label)))}
        <optgroup label={t("map.walker.by_age")}>
          {BANDS.map((band) => option(`${BY_AGE}/${band}`, bandWalker(band)))}
        </optgroup>
      </select>
      {note && <small>{note}</small>}
    </label>
  );
}

const bandWalker = (band: string): string =>
  t("map.walker.band", {
    band: capital(bandLabel(band)),
    profile: say(profileNamed(walkerOf(BY_AGE, band))?.label),
  });

/** Who walks, in words: by an age band's own way where one is chosen. */
const walkerText = (): string =>
  isOneBand()
    ? bandWalker(state.band.value)
    : say(profileNamed(walkerOf(state.profile.value, state.band.value))?.label);

/** Who walks, and at what time of day where one is chosen. */
export function walkSaid(): string {
  const rule = t("map.place.walker", { walker: walkerText() });
  const at = state.time.value;
  return at ? t("map.rule.at", { rule, at }) : rule;
}
