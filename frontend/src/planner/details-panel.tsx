/** What is known about the thing or place that was chosen. */
import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { layerNamed, oneOf } from "../data/catalogue";
import { feature } from "../data/features";
import { t } from "../i18n";
import { title } from "../shared/lang";
import { ready } from "../shared/loadable";
import { lazy } from "../shell/lazy";
import { EditButtons } from "./edit-tab";
import { FeatureFields } from "./feature-fields";
import { calledOf } from "./names";
import { PlaceCircles } from "./place-circles";
import { ProblemNote } from "./problem-note";
import * as state from "./state";
import { lookUp } from "./work";

/** Fetched with the first home one asks about. */
const HomeWhy = lazy(async () => ({ default: (await import("./home-why")).HomeWhy }));

export function DetailsPanel() {
  const heading = useRef<HTMLHeadingElement>(null);
  useSignalEffect(() => {
    if (state.detailsWanted.value > 0) heading.current?.focus();
  });
  const what = state.selected.value;
  if (!what)
    return (
      <div class="stack">
        <h2>{t("map.details.none_title")}</h2>
        <p class="hint">{t("map.details.none")}</p>
      </div>
    );
  return (
    <div class="stack">
      <div class="details-head">
        <h2 ref={heading} tabIndex={-1}>
          {titleOf(what)}
        </h2>
        <button type="button" class="close" aria-label={t("map.details.close")} onClick={() => state.select(null)}>
          ×
        </button>
      </div>
      {what.kind === "place" ? <PlaceCircles at={what.at} /> : <Thing what={what} />}
    </div>
  );
}

function titleOf(what: state.Selection): string {
  if (what.kind === "place") return t("map.place.title");
  const properties = ready(feature.state.value)?.properties;
  const layer = what.kind === "home" ? "buildings" : what.layer;
  const called = properties?.code === what.code ? calledOf(properties) : null;
  return called ?? `${title(oneOf(layerNamed(layer)))} ${what.code}`;
}

function Thing({ what }: { what: Exclude<state.Selection, { kind: "place" }> }) {
  const answer = feature.state.value;
  const layer = what.kind === "home" ? "buildings" : what.layer;
  return (
    <>
      {what.kind === "home" && <HomeWhy />}
      {answer.status === "loading" && <p role="status">{t("map.details.loading")}</p>}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={lookUp} />}
      {answer.status === "ready" && <EditButtons layer={layer} feature={answer.value} />}
      {answer.status === "ready" && layer === "facilities" && <CirclesFromHere what={what} />}
      {answer.status === "ready" && <FeatureFields layer={layer} feature={answer.value} />}
    </>
  );
}

/** Service circles of a facility: those from its entrances. */
function CirclesFromHere({ what: { code, ...what } }: { what: Exclude<state.Selection, { kind: "place" }> }) {
  const isOn = what.kind === "feature" && what.reach === true;
  return (
    <>
      <button
        type="button"
        aria-pressed={isOn}
        onClick={() => state.select({ kind: "feature", layer: "facilities", code, ...(!isOn && { reach: true }) })}
      >
        {t("map.details.circles")}
      </button>
      {isOn && <PlaceCircles />}
    </>
  );
}
