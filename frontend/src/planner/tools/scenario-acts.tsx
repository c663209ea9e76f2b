/** What an edit that was chosen waits for: a click on the map, or the same thing from a list, and what is said of it. */
import type { FeatureCollection } from "geojson";
import { useEffect } from "preact/hooks";
import { number } from "../../i18n";
import { ready, resource } from "../../shared/loadable";
import { request } from "../../shared/request";
import { Choice } from "../coverage-panel";
import { asked } from "./follow";
import { NewHomes } from "./scenario-homes";
import { thingOf } from "./scenario-marks";
import { Resize } from "./scenario-resize";
import * as now from "./scenario-state";
import { t } from "./texts";

export function Waiting() {
  const mode = now.mode.value;
  if (!mode) return null;
  const moving = now.moving.value;
  return (
    <div class="note" role="status">
      <p>{moving ? t("tools.edit.move_to", { name: thingOf(moving).name }) : t(`tools.edit.${mode}_how`)}</p>
      {mode !== "facility_resize" && <p class="hint">{t("tools.pick_hint")}</p>}
      {mode === "facility_close" && <FacilityChoice onChoose={now.close} />}
      {mode === "facility_move" && !moving && <FacilityChoice onChoose={now.move} />}
      {mode === "facility_share" && <FacilityChoice fits={isForSomeOnly} onChoose={now.share} />}
      {mode === "facility_resize" && <Resize />}
      {mode === "homes_add" && <NewHomes />}
      {mode === "gate_open" && (
        <ThingChoice layer="gates" query={{}} label={t("tools.edit.or_gate")} onChoose={now.openGate} />
      )}
      {mode === "path_add" && <PathEnd />}
      <button type="button" onClick={() => now.begin(null)}>
        {t("tools.cancel")}
      </button>
    </div>
  );
}

function PathEnd() {
  const points = now.line.value.length;
  return (
    <div class="actions">
      <button type="button" class="primary" disabled={points < 2} onClick={now.endLine}>
        {t("tools.edit.path_end", { count: number(points) })}
      </button>
      <button
        type="button"
        disabled={points === 0}
        onClick={() => {
          now.line.value = now.line.peek().slice(0, -1);
        }}
      >
        {t("tools.edit.path_back")}
      </button>
    </div>
  );
}

type Properties = Readonly<Record<string, unknown>>;

/** Whether sharing a facility lets anybody in who may not use it now. */
const isForSomeOnly = ({ admits }: Properties): boolean => admits != null && admits !== "public";

interface FacilitiesAsked {
  fits?: (facility: Properties) => boolean;
  onChoose: (code: string) => void;
}

const FacilityChoice = ({ fits, onChoose }: FacilitiesAsked) => (
  <ThingChoice
    layer="facilities"
    query={{ category: asked("category") ?? "" }}
    label={t("tools.edit.or_facility")}
    {...(fits && { fits, none: t("tools.edit.none_to_share") })}
    onChoose={onChoose}
  />
);

interface ThingsAsked {
  layer: string;
  query: Record<string, string>;
  label: string;
  fits?: (thing: Properties) => boolean;
  /** What is said where none fits. */
  none?: string;
  onChoose: (code: string) => void;
}

const things = resource<Properties[]>();
const MOST = 500;

/** The same things as on the map, as a list. */
function ThingChoice({ layer, query, label, fits, none, onChoose }: ThingsAsked) {
  const key = JSON.stringify([layer, query]);
  useEffect(() => {
    void things.load(async (signal) => {
      const found = await request<FeatureCollection>(`/api/${layer}`, {
        query: { ...query, limit: MOST, sort: "code" },
        signal,
      });
      return found.features.map(({ properties }) => properties ?? {});
    });
    return things.clear;
  }, [key]);
  const found = ready(things.state.value);
  const listed = (found ?? []).filter((thing) => fits?.(thing) ?? true);
  if (none && found && listed.length === 0) return <p>{none}</p>;
  return (
    <Choice
      label={label}
      value=""
      options={[
        { value: "", label: t("tools.choose") },
        ...listed.map(({ code, name }) => ({ value: String(code), label: String(name ?? code) })),
      ]}
      onChange={(code) => {
        if (code) onChoose(code);
      }}
    />
  );
}
