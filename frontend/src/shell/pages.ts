/** The pages of the product and who sees them in the head. */
import type { Me } from "../data/me";
import type { Key } from "./texts";

export interface PageLink {
  path: string;
  label: Key;
  /** The story one must have; none where everybody may. */
  story?: string;
}

export const PAGES: readonly PageLink[] = [
  { path: "/map", label: "shell.page.map" },
  { path: "/board", label: "shell.page.board", story: "read_runs" },
  { path: "/photos", label: "shell.page.photos", story: "review_photos" },
  { path: "/admin/accounts", label: "shell.page.accounts", story: "manage_accounts" },
  { path: "/audit", label: "shell.page.audit", story: "read_audit" },
];

export const mayDo = (who: Me | null, story: string | undefined): boolean =>
  story === undefined || (who !== null && (who.may[story] ?? "none") !== "none");

/** Those this person may use, once it is known who asks. */
export const pagesOf = (who: Me | null): PageLink[] => PAGES.filter(({ story }) => mayDo(who, story));

/** The same page for the area one looks at; only the map and the board know areas. */
export function linkTo(path: string, area: string | null): string {
  if (area === null) return path;
  if (path === "/board") return `/board#${new URLSearchParams({ area })}`;
  return path === "/map" ? `/map#feature=areas/${encodeURIComponent(area)}` : path;
}
