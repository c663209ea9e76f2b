/** The audit's lines, newest first, page by page. */
import { request } from "../shared/request";

export interface AuditLine {
  id: number;
  at: string;
  actor: string;
  role: string;
  via: string;
  address: string | null;
  request_id: string | null;
  verb: string;
  layer: string | null;
  subject_uid: string | null;
  area_code: string | null;
  reason: string | null;
  facts: Record<string, unknown> | null;
}

export interface AuditAsked {
  from?: string;
  to?: string;
  actor?: string;
  verb?: string;
  layer?: string;
  subject?: string;
  area?: string;
  before?: number;
}

export interface AuditPage {
  lines: AuditLine[];
  next_before: number | null;
}

export const PAGE = 50;

export const auditPage = (asked: AuditAsked, signal: AbortSignal) =>
  request<AuditPage>("/api/audit", { query: { ...asked, limit: PAGE }, signal });

export interface AuditChange {
  layer: string;
  version: number;
  action: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** The changes of rows a line tells of; personal values are hidden. */
export const auditChanges = (id: number, signal: AbortSignal) =>
  request<{ changes: AuditChange[] }>(`/api/audit/${id}`, { signal });
