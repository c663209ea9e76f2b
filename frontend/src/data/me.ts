/** Who is signed in, and what this person may do. */

import { ready, resource } from "../shared/loadable";
import { proofComes, prove, request } from "../shared/request";

export type Reach = "all" | "own" | "none";
export type Role = "anonymous" | "resident" | "grid_worker" | "planner" | "official" | "unit" | "admin";

export interface PlaceOf {
  code: string;
  name: string | null;
}

export interface Me {
  name: string;
  display_name: string | null;
  role: Role;
  areas: PlaceOf[];
  grids: PlaceOf[];
  via: "local" | "browser" | "token" | "command";
  csrf_token: string | null;
  second_factor: "none" | "needed" | "pending" | "on";
  must_set_password: boolean;
  may: Record<string, Reach>;
}

export const me = resource<Me>();
let arrives: Promise<void> = Promise.resolve();

/** Whether the reader may do something somewhere; false while it is not known who that is. */
export const may = (story: string): boolean => (ready(me.state.value)?.may[story] ?? "none") !== "none";

/** The same once it is known who reads. */
export async function mayOnceKnown(story: string): Promise<boolean> {
  await arrives;
  const found = ready(me.state.peek());
  return !found || (found.may[story] ?? "none") !== "none"; // who is not known is told by the server
}

/** Asks who is signed in and keeps what every change must carry. */
export async function loadMe(): Promise<void> {
  const asked = me.load(async (signal) => {
    const found = await request<Me>("/api/me", { signal });
    prove(found.csrf_token);
    return found;
  });
  arrives = asked;
  proofComes(asked);
  await asked;
}
