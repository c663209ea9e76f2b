/** The one place that speaks HTTP: language, problem details, abort, the proof that a change was asked for here. */
import { lost, reached } from "./connection";
import { type Bilingual, type Lang, lang } from "./lang";

/** A refusal or failure with a sentence for people in both languages where the server gave one. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: Partial<Bilingual> = {},
    readonly facts: Record<string, unknown> = {},
  ) {
    super(`${status} ${code}`);
  }

  sentence(language: Lang): string | null {
    return this.detail[language] ?? null;
  }
}

export interface Asked {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | null;
}

export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";

/** The JSON answer of `path`; throws {@link Problem} for refusals, failures and a server that cannot be reached. */
export async function request<T>(path: string, asked: Asked = {}): Promise<T> {
  const response = await send(path, asked);
  try {
    return (await response.json()) as T;
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Problem(response.status, "not_json");
  }
}

/** The bytes of `path`, null where the server has nothing (204). */
export async function requestBytes(path: string, signal?: AbortSignal): Promise<ArrayBuffer | null> {
  const response = await send(path, { signal });
  return response.status === 204 ? null : response.arrayBuffer();
}

/** Asks and wants nothing back (204, or an answer that does not matter). */
export async function command(path: string, asked: Asked): Promise<void> {
  await send(path, asked);
}

let proof: string | null = null;

/** Keeps what every change must carry (X-CSRF-Token), as `/api/me` gave it; null once signed out. */
export function prove(token: string | null): void {
  proof = token;
}

let proving: Promise<unknown> | null = null;

/** Says that the proof is on its way: a change asked for meanwhile waits for it. */
export function proofComes(asked: Promise<unknown>): void {
  proving = asked;
}

/** What a change sends along as proof. */
export const proofHeaders = (): Record<string, string> => (proof === null ? {} : { "X-CSRF-Token": proof });

async function send(path: string, { method = "GET", query, body, headers, signal }: Asked): Promise<Response> {
  let response: Response;
  if (method !== "GET" && proof === null) await proving;
  try {
    response = await fetch(withQuery(path, query), {
      method,
      headers: {
        "Accept-Language": lang.peek(),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : proofHeaders()),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    lost();
    throw new Problem(0, "unreachable");
  }
  reached();
  if (response.ok) return response;
  throw led(await problemOf(response));
}

/** The problem, on the way to the page that mends it where there is one. */
export function led(problem: Problem): Problem {
  if (problem.code === "sign_in_needed") signIn();
  if (problem.code === "second_factor_required" && window.location.pathname !== "/account")
    window.location.assign("/account");
  return problem;
}

/** Told to the page right before it is left for the sign-in page. */
export const SIGN_IN_EVENT = "geo-sign-in";

/** Leads to the sign-in page and from there back to here; never from the sign-in page itself. */
export function signIn(): void {
  const { pathname, search, hash } = window.location;
  if (pathname === "/sign-in") return;
  window.dispatchEvent(new Event(SIGN_IN_EVENT));
  const expired = proof === null ? "" : "&why=expired";
  window.location.assign(`/sign-in?next=${encodeURIComponent(pathname + search + hash)}${expired}`);
}

export function withQuery(path: string, query: Asked["query"]): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined);
  if (pairs.length === 0) return path;
  return `${path}?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`;
}

async function problemOf(response: Response): Promise<Problem> {
  let said: Record<string, unknown> = {};
  try {
    said = (await response.json()) as Record<string, unknown>;
  } catch {
    // not a problem document: the status alone speaks
  }
  return problemFrom(said, response.status);
}

/** A problem document (RFC 9457) as a {@link Problem}; also those found inside a failed run. */
export function problemFrom(said: Record<string, unknown>, status: number): Problem {
  const { type: _type, title: _title, status: _status, code, detail, detail_zh, detail_en, ...facts } = said;
  const sentence = (value: unknown) => (typeof value === "string" ? value : undefined);
  const both: Partial<Bilingual> = {};
  const zh = sentence(detail_zh) ?? sentence(detail);
  const en = sentence(detail_en) ?? sentence(detail);
  if (zh) both.zh = zh;
  if (en) both.en = en;
  return new Problem(status, sentence(code) ?? `http_${status}`, both, facts);
}
