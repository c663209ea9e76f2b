/** Edits that are not kept on the server: in the address as long as they fit, with their steps in this browser tab. */
import type { Edit } from "../../data/scenarios";
import type { Trail } from "./undo";

/** Characters of the address that edits may take: links stay short enough for messengers and saved views. */
const MOST = 3_000;
/** Stands in the address for edits that are too many: they are in the tab they were made in, and nowhere else. */
export const ELSEWHERE = "-";

/** Edits as the address has them: JSON in the letters addresses need not escape. */
export function editsText(edits: readonly Edit[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(edits));
  if ((bytes.length * 4) / 3 > MOST) return ELSEWHERE;
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
}

/** The edits of an address; null where there are none or they cannot be read. */
export function editsFrom(text: string | null): Edit[] | null {
  if (!text || text === ELSEWHERE) return null;
  try {
    const letters = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    const said: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(said) && said.every((one) => typeof one?.edit === "string") ? (said as Edit[]) : null;
  } catch {
    return null;
  }
}

const KEY = "scenario-draft";

/** What was edited last in this browser tab: the scenario it began from, of which version, and the steps. */
export interface Draft {
  of: string | null;
  version: number | null;
  trail: Trail<readonly Edit[]>;
}

export function keep(draft: Draft): void {
  const { value } = draft.trail;
  for (const trail of [draft.trail, { past: [], value, future: [] }]) {
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ ...draft, trail }));
      return;
    } catch {
      // too much for the browser: the edits without their steps; one that keeps nothing still edits
    }
  }
}

/** The draft of a scenario, of a new one for null. */
export function draftOf(uid: string | null): Draft | null {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Draft | null;
    const { past, value, future } = draft?.trail ?? {};
    return draft?.of === uid && [past, value, future].every(Array.isArray) ? draft : null;
  } catch {
    return null;
  }
}
