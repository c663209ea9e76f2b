/** A project opened from a row: what, who, by when; the rest is filled in from the row. */
import { useEffect } from "preact/hooks";
import { me } from "../data/me";
import { keepProject } from "../data/projects";
import { number } from "../i18n/format";
import { ready } from "../shared/loadable";
import { draftKey, draftOf } from "../shared/project-draft";
import { type Draft, ProjectForm } from "../shared/project-form";
import { t as saidOfForm } from "../shared/project-texts";
import { textOf } from "./cells";
import { type BoardOf, layers, loadLayers, outlineOf, type Row } from "./data";
import { Fault } from "./fault";
import { go } from "./state";
import { t } from "./texts";
import { reload } from "./work";

export function OpenProject({ now, row, onClose }: { now: BoardOf; row: Row; onClose: () => void }) {
  useEffect(() => {
    if (layers.state.peek().status === "idle") void loadLayers();
  }, []);
  const kinds = ready(layers.state.value)
    ?.find(({ name }) => name === "projects")
    ?.fields.find((field) => field.key === "kind")?.choice_labels;
  return (
    <ProjectForm
      keptAs={keptAs(now, row)}
      draft={knownOf(now, row)}
      kinds={kinds}
      keep={async (filled, key) => {
        const geometry = await groundOf(row);
        if (!geometry) throw new Error("the area has no outline");
        const code = await keepProject({ ...filled, source: sourceOf(now, row) }, geometry, key);
        reload();
        return code;
      }}
      Fault={Fault}
      saved={(code, name) => (
        <div class="note" role="status">
          <p>{saidOfForm("project.saved", { name })}</p>
          <button type="button" onClick={() => go({ view: "projects", chosen: `projects/${code}` })}>
            {t("board.do.see_projects")}
          </button>
        </div>
      )}
      onClose={onClose}
    />
  );
}

/** Where what is written of a project from a row is kept. */
const keptAs = (now: BoardOf, row: Row): string => draftKey(ready(me.state.value)?.name ?? "", sourceOf(now, row));

/** Where a row is about: what of it lies in the place looked at, itself, else its area. */
export const groundOf = async (row: Row) =>
  row.here?.geometry ?? row.geometry ?? (await outlineOf("areas", row.area_code ?? ""));

export const isBegun = (now: BoardOf, row: Row): boolean => draftOf(keptAs(now, row)) !== null;

const isGap = (row: Row): boolean => row.category_code !== undefined;

export function knownOf(now: BoardOf, row: Row): Draft {
  const area = row.here?.name ?? textOf(row.area_name);
  const subject = textOf(row.subject ?? row.category);
  const kind = isGap(row) ? "gaps" : "checklist";
  const as_of = now.analyses.find((one) => one.kind === kind)?.run?.as_of;
  const run = as_of ? t("board.project.run", { kind: t(`board.kind.${kind}`), as_of }) : "";
  const people = typeof row.people === "number" ? number(row.people) : t("board.withheld");
  const description = isGap(row)
    ? t(row.here ? "board.project.from_gap_here" : "board.project.from_gap", {
        area,
        here: row.here?.people == null ? t("board.withheld") : number(row.here.people),
        subject,
        people,
        reason: textOf(row.reason ?? row.why),
        rule: textOf(row.rule),
        run,
      })
    : t("board.project.from_short", { area, subject, said: textOf(row.said ?? row.why), run });
  return {
    name: t("board.project.default_name", { area: row.area_code === null ? "" : area, subject }).slice(0, 200),
    kind: "service_room",
    responsible_unit: "",
    deadline_on: "",
    planned_yuan: "",
    description: description.slice(0, 4000),
  };
}

/** What a project is against, so that lists find it again: `gap/<category>/<number> run …`. */
export function sourceOf(now: Pick<BoardOf, "analyses">, row: Row): string {
  const kind = isGap(row) ? "gap" : "short";
  const run = now.analyses.find((one) => one.kind === (isGap(row) ? "gaps" : "checklist"))?.run?.uid ?? "";
  return `${kind}/${row.key} run ${run}`.slice(0, 500);
}
