/** New homes that are supposed: how many will live there, by age where it is known; then a click on the map. */
import { categoryNamed } from "../../data/catalogue";
import { capital } from "../../shared/lang";
import { BANDS, bandLabel } from "../bands";
import { asked } from "./follow";
import { NumberField } from "./number-field";
import * as now from "./scenario-state";
import { t } from "./texts";

const MOST_PERSONS = 1_000_000;

export function NewHomes() {
  const { residents, people, refused } = now.homes.value;
  const isForSome = (categoryNamed(asked("category"))?.bands ?? []).length > 0;
  return (
    <>
      <Persons
        label={t("tools.edit.residents")}
        value={residents}
        least={1}
        onChange={(value) => {
          now.homes.value = { ...now.homes.peek(), residents: value, refused: null };
        }}
      />
      <details class="more" open={isForSome}>
        <summary>{t("tools.edit.by_age")}</summary>
        <p class="hint">{t("tools.edit.by_age_note")}</p>
        <div class="band-fields">
          {BANDS.map((band) => (
            <Persons
              key={band}
              label={capital(bandLabel(band))}
              value={people[band] ?? ""}
              least={0}
              onChange={(value) => {
                const { [band]: _, ...others } = now.homes.peek().people;
                const given = value === "" ? others : { ...others, [band]: value };
                now.homes.value = { ...now.homes.peek(), people: given, refused: null };
              }}
            />
          ))}
        </div>
      </details>
      {refused && <p role="alert">{t(`tools.edit.residents_${refused}`)}</p>}
    </>
  );
}

interface PersonsAsked {
  label: string;
  value: string;
  least: number;
  onChange: (value: string) => void;
}

const Persons = (persons: PersonsAsked) => <NumberField {...persons} most={MOST_PERSONS} isWhole isOptional />;
