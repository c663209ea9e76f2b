/** What somebody began to write of a new project: kept in this tab until it is saved or given up, whoever is signed out meanwhile. */
import type { Draft } from "./project-form";

const PREFIX = "project-draft/";

/** Of whom and of what a draft is: nobody else finds it. */
export const draftKey = (person: string, about: string): string => `${PREFIX}${person}/${about}`;

export function keepDraft(key: string, draft: Draft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // a browser that keeps nothing still saves projects
  }
}

export function draftOf(key: string): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(key) ?? "null") as Draft | null;
    return draft && typeof draft.name === "string" ? draft : null;
  } catch {
    return null;
  }
}

export function dropDraft(key: string): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // nothing was kept
  }
}
