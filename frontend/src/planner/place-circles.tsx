/** A place on the map or a facility: how far one walks from there in three limits, and whom that reaches. */

import { start } from "../data/catalogue";
import { circlesAround } from "../data/circles";
import { metres, number, percent, t } from "../i18n";
import type { CircleProperties, Circles, LonLat } from "../shared/api";
import { capital } from "../shared/lang";
import { sheet } from "./paint-state";
import { ProblemNote } from "./problem-note";
import { isStrict } from "./rule-text";
import * as state from "./state";
import { Swatch } from "./swatch";
import { TimeField } from "./time-field";
import { WalkerChoice, walkSaid } from "./walker-choice";
import { lookUp } from "./work";

/** `at`: the place; without it those of the chosen facility, which start at its entrances. */
export function PlaceCircles({ at }: { at?: LonLat }) {
  const answer = circlesAround.state.value;
  return (
    <>
      {at && <p class="hint">{t("map.place.at", { lon: at[0].toFixed(5), lat: at[1].toFixed(5) })}</p>}
      <CircleChoices />
      {answer.status === "loading" && <p role="status">{t("map.place.loading")}</p>}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={lookUp} />}
      {answer.status === "ready" && !at && (
        <p class="hint">{t("map.place.starts", { count: answer.value.starts.length })}</p>
      )}
      {answer.status === "ready" && <CirclesFound circles={answer.value} />}
    </>
  );
}

/** By distance or by time, and who walks. */
export function CircleChoices() {
  const { kind } = state.limit.value;
  return (
    <>
      <fieldset class="segments">
        <legend class="visually-hidden">{t("map.coverage.limit")}</legend>
        {(["circle", "minutes"] as const).map((option) => (
          <label key={option} class={option === kind ? "is-on" : ""}>
            <input
              type="radio"
              name="circle-kind"
              checked={option === kind}
              onChange={() => {
                state.limit.value = { kind: option, minutes: 15 };
              }}
            />
            {t(`map.coverage.kind_${option}`)}
          </label>
        ))}
      </fieldset>
      <WalkerChoice isOne note={kind === "circle" ? t("map.coverage.profile_note") : undefined} />
      <TimeField
        value={state.time.value}
        onChange={(at) => {
          state.time.value = at;
        }}
      />
    </>
  );
}

/** Nothing can be said where nobody can step onto a street; far from all data there is a way back. */
function NoStreet({ at: [lon, lat] }: { at: LonLat }) {
  const box = start.value;
  const isNear = !box || (lon >= box[0] && lat >= box[1] && lon <= box[2] && lat <= box[3]);
  if (isNear) return <p class="note">{t("map.place.not_snapped")}</p>;
  return (
    <div class="note" role="status">
      <p>{t("map.place.no_network")}</p>
      <button
        type="button"
        onClick={() => {
          state.focus.value = [...box];
        }}
      >
        {t("map.place.go_home")}
      </button>
    </div>
  );
}

export function CirclesFound({ circles }: { circles: Circles }) {
  const found = circles.features
    .map(({ properties }) => properties)
    .filter(({ kind }) => kind === "circle")
    .sort((a, b) => (a.limit_m ?? 0) - (b.limit_m ?? 0));
  const snap = circles.features.find(({ properties }) => properties.kind === "snap")?.properties;
  const [at] = circles.starts;
  if (found.length === 0 || !snap) return at ? <NoStreet at={at} /> : null;
  return (
    <>
      <p class="rule" role="status">
        {walkSaid()} {t("map.place.everybody")}
      </p>
      <div class="table-frame">
        <table class="results">
          <caption>{t("map.place.caption")}</caption>
          <thead>
            <tr>
              <th scope="col" class="plain">
                {t("map.place.limit")}
              </th>
              <th scope="col" class="plain">
                {capital(t("map.basis.people"))}
              </th>
              <th scope="col" class="plain">
                {t("map.place.homes")}
              </th>
              <th scope="col" class="plain">
                {t("map.place.area")}
              </th>
              <th scope="col" class="plain">
                {t("map.place.overstates")}
              </th>
            </tr>
          </thead>
          <tbody>
            {found.map((circle, place) => (
              <CircleRow key={circle.limit_m} circle={circle} place={place} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="with-swatch">
        {sheet.value?.marks.paper && <Swatch symbol={sheet.value.marks.paper.symbol} kind="line" />}
        {t("map.place.paper")}
      </p>
      <p class="with-swatch">
        {sheet.value?.marks.streets && <Swatch symbol={sheet.value.marks.streets.symbol} kind="line" />}
        {t("map.place.streets")}
      </p>
      {circles.starts.length === 1 && (
        <p class="with-swatch">
          {sheet.value?.marks.snap && <Swatch symbol={sheet.value.marks.snap.symbol} kind="point" />}
          {t("map.place.snap", { metres: metres(snap.leg_m ?? 0) })}
        </p>
      )}
    </>
  );
}

function CircleRow({ circle, place }: { circle: CircleProperties; place: number }) {
  const symbol = sheet.value?.circles[place]?.symbol;
  const { minutes, limit_m, buildings, area_m2, overstates_share } = circle;
  return (
    <tr>
      <th scope="row" class="with-swatch">
        {symbol && <Swatch symbol={symbol} kind="area" />}
        {t(isStrict(minutes, limit_m) ? "map.place.row_strict" : "map.place.row", {
          minutes: number(minutes ?? 0),
          metres: metres(limit_m ?? 0),
        })}
      </th>
      <td class="number">
        <People circle={circle} />
      </td>
      <td class="number">{number(buildings ?? 0)}</td>
      <td class="number">{t("map.unit.hectares", { area: number((area_m2 ?? 0) / 10000, 1) })}</td>
      <td class="number">{percent(overstates_share)}</td>
    </tr>
  );
}

/** People inside; an estimate is called one, and buildings whose people are not known are counted. */
function People({ circle }: { circle: CircleProperties }) {
  const { people, people_basis, buildings, buildings_without_people } = circle;
  if (people === null || people === undefined) return <>{t(circle.withheld ? "map.withheld" : "map.no_data")}</>;
  const count = number(people);
  return (
    <>
      {people_basis === "estimate" ? t("map.place.people_estimate", { people: count }) : count}
      {Boolean(buildings_without_people) && (
        <small class="hint">
          {" "}
          {t("map.place.people_partly", {
            missing: number(buildings_without_people ?? 0),
            buildings: number(buildings ?? 0),
          })}
        </small>
      )}
    </>
  );
}
