/** One's own sessions and tokens, and, for an admin, everybody's accounts. */
import { command, request } from "../shared/request";
import type { PlaceOf, Role } from "./me";

export interface SessionOf {
  uid: string;
  means: "password" | "link" | "oidc";
  address: string | null;
  agent: string | null;
  created_at: string;
  seen_at: string;
  expires_at: string;
  is_current: boolean;
}

export interface TokenOf {
  uid: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string;
  used_at: string | null;
  revoked_at: string | null;
}

export interface Assignment {
  uid: string;
  area: PlaceOf | null;
  grid: PlaceOf | null;
  starts_on: string;
  ends_on: string | null;
  version: number;
}

export interface Account {
  uid: string;
  name: string;
  display_name: string | null;
  role: Role;
  is_disabled: boolean;
  has_password: boolean;
  has_second_factor: boolean;
  oidc_subject: string | null;
  version: number;
  assignments: Assignment[];
}

export interface Secret {
  secret: string;
  uri: string;
  qr_svg: string;
}

const SELF = "/api/me";
const ALL = "/api/accounts";
const version = (of: { version: number }) => ({ "If-Match": `"${of.version}"` });

export const signInWays = (signal: AbortSignal) => request<{ oidc: boolean }>("/api/sign-in", { signal });
export const signInWith = (body: { name: string; password: string; code?: string }) =>
  command("/api/sign-in", { method: "POST", body });
export const signOut = () => command("/api/sign-out", { method: "POST", body: {} });
export const setPasswordByLink = (token: string, password: string) =>
  command(`/api/links/${encodeURIComponent(token)}`, { method: "POST", body: { password } });
export const changePassword = (old: string, fresh: string) =>
  command(`${SELF}/password`, { method: "POST", body: { old, new: fresh } });

export const startSecondFactor = () => request<Secret>(`${SELF}/second-factor`, { method: "POST", body: {} });
export const confirmSecondFactor = (code: string) =>
  command(`${SELF}/second-factor/confirm`, { method: "POST", body: { code } });
export const dropSecondFactor = (password?: string) =>
  command(`${SELF}/second-factor`, { method: "DELETE", body: { password } });

export const sessions = (signal: AbortSignal) => request<{ sessions: SessionOf[] }>(`${SELF}/sessions`, { signal });
export const endSession = (uid: string) => command(`${SELF}/sessions/${uid}`, { method: "DELETE" });
export const tokens = (signal: AbortSignal) => request<{ tokens: TokenOf[] }>(`${SELF}/tokens`, { signal });
export const makeToken = (body: { name: string; scopes: string[]; days: number; password?: string }) =>
  request<{ token: string }>(`${SELF}/tokens`, { method: "POST", body });
export const revokeToken = (uid: string) => command(`${SELF}/tokens/${uid}`, { method: "DELETE" });

export const accounts = (signal: AbortSignal) => request<{ accounts: Account[] }>(ALL, { signal });
export const createAccount = (body: { name: string; display_name: string | null; role: Role }) =>
  request<Account>(ALL, { method: "POST", body });
export const changeAccount = (
  of: Account,
  changes: Partial<Pick<Account, "display_name" | "role" | "is_disabled" | "oidc_subject">>,
) => request<Account>(`${ALL}/${of.uid}`, { method: "PATCH", body: changes, headers: version(of) });
export const makeLink = (of: Account) =>
  request<{ path: string; expires_at: string }>(`${ALL}/${of.uid}/link`, { method: "POST", body: {} });
export const resetSecondFactor = (of: Account) => command(`${ALL}/${of.uid}/second-factor`, { method: "DELETE" });
export const assign = (
  of: Account,
  body: { area_code?: string; grid_code?: string; starts_on: string; ends_on: string | null },
) => request<Assignment>(`${ALL}/${of.uid}/assignments`, { method: "POST", body });
/** Ends it at once. */
export const endAssignment = (of: Account, one: Assignment) =>
  request<Assignment>(`${ALL}/${of.uid}/assignments/${one.uid}`, { method: "PATCH", body: {}, headers: version(one) });
