/** Projects: what is to be done where, by whom, by when. */
import type { Geometry } from "geojson";
import type { Filled } from "../shared/project-form";
import { request } from "../shared/request";
import type { Edit } from "./scenarios";

export interface NewProject extends Filled {
  /** What it is against or from, so that lists find it again. */
  source: string;
  /** What it changes, so that its effect can be asked. */
  measures?: { edits: readonly Edit[] };
}

/** Keeps a project and gives its code; the same key sent twice makes one. */
export async function keepProject(project: NewProject, geometry: Geometry, key: string): Promise<string> {
  const kept = await request<{ properties: { code: string } }>("/api/projects", {
    method: "POST",
    body: { type: "Feature", properties: project, geometry },
    headers: { "Idempotency-Key": key },
  });
  return kept.properties.code;
}
