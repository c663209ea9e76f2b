/** Search by name, address or code over all layers. */
import type { Found } from "../shared/api";
import { resource } from "../shared/loadable";
import { request } from "../shared/request";

export const found = resource<Found[]>();

export function search(words: string): void {
  const q = words.trim();
  if (q === "") found.clear();
  else void found.load((signal) => request<Found[]>("/api/search", { query: { q }, signal }));
}
