/** Names and phones of one row, shown for a reason that is kept. */
import { request } from "../shared/request";

export interface Revealed {
  uid: string;
  version: number;
  values: Record<string, string | null>;
}

/** All personal values of a row; nothing of the answer is kept here. */
export const reveal = (layer: string, uid: string, reason: string) =>
  request<Revealed>(`/api/${layer}/${encodeURIComponent(uid)}/reveal`, { method: "POST", body: { reason } });
