/** Sends a file and tells how much of it has left, which `fetch` cannot. */
import { lang } from "./lang";
import { led, Problem, problemFrom, proofHeaders, withQuery } from "./request";

export interface FileAsked {
  query: Record<string, string>;
  file: Blob;
  /** The same key sent again is the same file, never a second one. */
  key: string;
  onShare: (share: number) => void;
  signal: AbortSignal;
}

/** The status of the answer; throws {@link Problem} as `request` does, and an AbortError. */
export function sendFile(path: string, { query, file, key, onShare, signal }: FileAsked): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("POST", withQuery(path, query));
    const headers = { "Accept-Language": lang.peek(), "Idempotency-Key": key, ...proofHeaders() };
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    asked.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    asked.upload.onprogress = (event) => onShare(event.loaded / Math.max(event.total, 1));
    asked.onload = () => {
      if (asked.status < 300) resolve(asked.status);
      else reject(led(problemFrom(said(asked.responseText), asked.status)));
    };
    asked.onerror = () => reject(new Problem(0, "unreachable"));
    asked.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal.addEventListener("abort", () => asked.abort());
    asked.send(file);
  });
}

function said(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {}; // not a problem document: the status alone speaks
  }
}

/** A key nobody else has; `randomUUID` is missing on plain http. */
export const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
