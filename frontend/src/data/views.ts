/** Saved views of the map: settings under a name, one's own or shared by colleagues. */
import { resource } from "../shared/loadable";
import { command, request } from "../shared/request";

/** Characters of a name. */
export const LONGEST_NAME = 80;

export type Sharing = "private" | "colleagues";

export interface View {
  uid: string;
  name: string;
  /** What stands after '#' in the address of the map. */
  state: string;
  sharing: Sharing;
  created_by: string;
  updated_at: string;
  version: number;
  is_own: boolean;
  may_change: boolean;
}

export const views = resource<View[]>();

export const loadViews = (): Promise<void> =>
  views.load(async (signal) => (await request<{ views: View[] }>("/api/views", { signal })).views);

export const fetchView = (uid: string): Promise<View> => request<View>(pathOf(uid));

/** Keeps a view; the same key sent twice keeps one. */
export const createView = (name: string, state: string, key: string): Promise<View> =>
  request<View>("/api/views", { method: "POST", body: { name, state }, headers: { "Idempotency-Key": key } });

export const changeView = (view: View, body: { name?: string; sharing?: Sharing }): Promise<View> =>
  request<View>(pathOf(view.uid), { method: "PATCH", body, headers: versionOf(view) });

export const deleteView = (view: View): Promise<void> =>
  command(pathOf(view.uid), { method: "DELETE", headers: versionOf(view) });

const pathOf = (uid: string) => `/api/views/${encodeURIComponent(uid)}`;
const versionOf = ({ version }: View) => ({ "If-Match": `"${version}"` });
