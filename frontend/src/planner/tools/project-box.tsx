/** What an analysis points at made a project: the form opens with what is known of it. */
import { useSignal } from "@preact/signals";
import type { Geometry } from "geojson";
import { useLayoutEffect, useRef } from "preact/hooks";
import { layerNamed } from "../../data/catalogue";
import { me } from "../../data/me";
import { keepProject, type NewProject } from "../../data/projects";
import { isFocusLost } from "../../shared/kept-focus";
import { ready } from "../../shared/loadable";
import { draftKey } from "../../shared/project-draft";
import { ProjectForm } from "../../shared/project-form";
import { reloadTiles } from "../edit-state";
import { ProblemNote } from "../problem-note";
import * as state from "../state";
import { t } from "./texts";

/** What is known of a project before anybody writes. */
export interface Begun extends Pick<NewProject, "source" | "measures"> {
  name: string;
  kind: string;
  planned_yuan: number | null;
  description: string;
  geometry: Geometry;
}

export function ProjectBox({ label, begun }: { label: string; begun: () => Begun }) {
  const opened = useSignal<Begun | null>(null);
  const now = opened.value;
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (isFocusLost()) button.current?.focus(); // the form is closed
  }, [now]);
  if (!now)
    return (
      <button
        type="button"
        ref={button}
        onClick={() => {
          opened.value = begun();
        }}
      >
        {label}
      </button>
    );
  const { geometry, source, measures, ...known } = now;
  return (
    <ProjectForm
      keptAs={draftKey(ready(me.state.value)?.name ?? "", source)}
      draft={{
        ...known,
        name: known.name.slice(0, 200),
        description: known.description.slice(0, 4000),
        planned_yuan: known.planned_yuan === null ? "" : String(known.planned_yuan),
        responsible_unit: "",
        deadline_on: "",
      }}
      kinds={layerNamed("projects")?.fields.find(({ key }) => key === "kind")?.choice_labels}
      keep={async (filled, key) => {
        const code = await keepProject({ ...filled, source, ...(measures && { measures }) }, geometry, key);
        reloadTiles.current("projects");
        return code;
      }}
      Fault={ProblemNote}
      saved={(code) => (
        <p role="status">
          {t("tools.gaps.project_made")}{" "}
          <button type="button" class="link" onClick={() => state.select({ kind: "feature", layer: "projects", code })}>
            {code}
          </button>
        </p>
      )}
      onClose={() => {
        opened.value = null;
      }}
    />
  );
}
