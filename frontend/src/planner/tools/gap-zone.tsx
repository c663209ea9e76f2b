/** One gap zone in full, and what can be made of it: a project, verify tasks. */
import { useSignal } from "@preact/signals";
import type { Geometry } from "geojson";
import { categoryNamed } from "../../data/catalogue";
import { type Cure, type GapsResult, type Helped, type TasksWritten, writeTasks, type Zone } from "../../data/gaps";
import { nameOf } from "../../data/thing-names";
import { metres, minutes, number } from "../../i18n";
import { gapSymbol } from "../../map/gap-style";
import type { LonLat } from "../../shared/api";
import { capital, title } from "../../shared/lang";
import { asProblem } from "../../shared/loadable";
import type { Problem } from "../../shared/request";
import { BANDS } from "../bands";
import { ProblemNote } from "../problem-note";
import * as state from "../state";
import { Swatch } from "../swatch";
import { BandList } from "./band-list";
import { show } from "./follow";
import { type Begun, ProjectBox } from "./project-box";
import { may } from "./run-box";
import { t } from "./texts";
import { told } from "./told";

export function ZoneCard({ zone, run, onClose }: { zone: Zone; run: GapsResult; onClose: () => void }) {
  const { reason, apparent_reason, people, people_by_band, buildings, alternative, by_air, others, cures } = zone;
  const { other_cures, uncured } = zone;
  return (
    <section class="card" aria-label={t("tools.gaps.zone")}>
      <div class="details-head">
        <h3 class="with-swatch">
          <Swatch symbol={gapSymbol(reason)} kind="area" />
          {rankText(zone)} · {t(`tools.reason.${reason}`)}
        </h3>
        <button type="button" class="close" aria-label={t("tools.gaps.close_zone")} onClick={onClose}>
          ×
        </button>
      </div>
      {apparent_reason && <p>{t("tools.gaps.apparent", { reason: t(`tools.reason.${apparent_reason}`) })}</p>}
      {!zone.geometry && <p class="note">{t("tools.gaps.no_outline")}</p>}
      <dl class="fields">
        <Row label={t("tools.gaps.column_people")}>
          {told(zone, people)}
          <small> {t("tools.buildings", { count: number(buildings) })}</small>
          {people_by_band && <BandList rows={bandRows(people_by_band)} />}
        </Row>
        <Row label={t("tools.gaps.place")}>{placeOf(zone) || "–"}</Row>
        <Row label={t("tools.gaps.column_alternative")}>
          {alternative ? (
            <>
              <Facility code={alternative.code} name={alternative.name} />{" "}
              {t("tools.gaps.alternative", {
                metres: metres(alternative.metres),
                minutes: minutes(alternative.seconds),
                nearest: metres(alternative.nearest_m),
                farthest: metres(alternative.farthest_m),
              })}
            </>
          ) : (
            t("tools.gaps.no_way")
          )}
        </Row>
        {by_air && (
          <Row label={t("tools.gaps.by_air")}>
            <Facility code={by_air.code} name={by_air.name} />{" "}
            {t("tools.gaps.air", { metres: metres(by_air.metres), ratio: number(by_air.detour_ratio ?? 0, 1) })}
          </Row>
        )}
        {others && (
          <Row label={t("tools.gaps.others")}>
            <Facility code={others.code} name={others.name} />
          </Row>
        )}
        {cures.length > 0 && (
          <Row label={t("tools.gaps.cures")}>
            <ul>
              {cures.map((cure) => (
                <li key={`${cure.kind}${cure.code}${cure.lon}`}>
                  <CureLine cure={cure} />
                </li>
              ))}
            </ul>
          </Row>
        )}
        {other_cures && (
          <Row label={t("tools.gaps.other_cures", { count: number(other_cures.cures) })}>{helped(other_cures)}</Row>
        )}
        {uncured && uncured.buildings > 0 && (
          <Row label={t("tools.gaps.uncured")}>{t("tools.gaps.uncured_who", { whom: helped(uncured) })}</Row>
        )}
      </dl>
      <div class="actions">
        {zone.geometry && (
          <button type="button" onClick={() => show(zone.geometry)}>
            {t("tools.show")}
          </button>
        )}
      </div>
      {zone.geometry && may("write_projects") && (
        <ProjectBox
          key={`${zone.category}${zone.number}`}
          label={t("tools.gaps.project")}
          begun={() => projectOf(zone, zone.geometry as Geometry, run.uid)}
        />
      )}
    </section>
  );
}

/** Whether nobody lives there whom the category is there for. */
export const isEmpty = ({ people, buildings_without_people }: Zone): boolean =>
  people === 0 && buildings_without_people === 0;

/** The rank of a zone, or why it has none. */
export const rankText = (zone: Zone): string =>
  zone.rank !== null
    ? t("tools.gaps.rank", { rank: number(zone.rank) })
    : t(isEmpty(zone) ? "tools.gaps.empty" : "tools.gaps.unranked");

/** Where a zone lies: names, a code only where there is none. */
export const placeOf = ({ area_name, grid_code }: Zone): string =>
  [area_name, grid_code && (nameOf("grids", grid_code) ?? grid_code)].filter(Boolean).join(" · ");

const LAYER_OF: Record<string, string> = { gate: "gates", crossing: "barriers" };

function cureText({ kind, code }: Cure): string {
  const name = code && LAYER_OF[kind] ? nameOf(LAYER_OF[kind], code) : null;
  return t(`tools.cure.${kind}`, { code: name ?? code ?? "" });
}

const helped = ({ people, buildings }: Helped) =>
  people == null
    ? t("tools.cure.buildings", { buildings: number(buildings) })
    : t("tools.cure.people", { people: number(people), buildings: number(buildings) });

function CureLine({ cure }: { cure: Cure }) {
  return (
    <>
      <button
        type="button"
        class="link"
        onClick={() => {
          state.focus.value = [cure.lon, cure.lat] as LonLat;
        }}
      >
        {cureText(cure)}
      </button>
      <small>
        {" "}
        {t("tools.cure.gain", {
          whom: helped(cure),
          metres: cure.gained_m === null ? "–" : metres(cure.gained_m),
        })}
      </small>
    </>
  );
}

export const Row = ({ label, children }: { label: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
);

export const Facility = ({ code, name }: { code: string; name: string | null }) => (
  <button type="button" class="link" onClick={() => state.select({ kind: "feature", layer: "facilities", code })}>
    {name ?? code}
  </button>
);

const bandRows = (people: Record<string, number | null>) =>
  BANDS.flatMap((band) => {
    const count = people[band];
    return count ? [{ band, said: number(count) }] : [];
  });

/** The project as far as the zone says. */
function projectOf(zone: Zone, geometry: Geometry, run: string): Begun {
  const category = title(categoryNamed(zone.category)?.label);
  const facts = { category, place: zone.area_name ?? zone.area_code ?? "", reason: t(`tools.reason.${zone.reason}`) };
  return {
    name: t("tools.gaps.project_name", facts),
    kind: "service_room",
    planned_yuan: null,
    description: t("tools.gaps.project_text", {
      ...facts,
      people: told(zone, zone.people),
      buildings: number(zone.buildings),
    }),
    geometry,
    source: `gap/${zone.category}/${zone.number} run ${run}`,
  };
}

/** What the run does not know becomes verify tasks of the grids. */
export function TaskMaker({ run }: { run: GapsResult }) {
  const counts = useSignal<TasksWritten | null>(null);
  const problem = useSignal<Problem | null>(null);
  if (!may("write_tasks") || !run.categories.some(({ reasons }) => reasons.unknown_data.zones > 0)) return null;
  const send = async () => {
    problem.value = null;
    try {
      counts.value = await writeTasks(run.uid);
    } catch (error) {
      problem.value = asProblem(error);
    }
  };
  return (
    <>
      <p class="hint">{t("tools.gaps.tasks_hint")}</p>
      <button type="button" onClick={() => void send()}>
        {t("tools.gaps.tasks")}
      </button>
      {counts.value && <p role="status">{capital(t("tools.gaps.tasks_done", { ...counts.value }))}</p>}
      {problem.value && <ProblemNote problem={problem.value} />}
    </>
  );
}
