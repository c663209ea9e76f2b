/** How sites and candidates are drawn, as the style sheet says: told apart by shape as well as colour. */
import type { Candidate } from "../../data/siting";
import type { SymbolStyle } from "../../map/style";
import { sheet } from "../paint-state";

export const SITE_KINDS = ["chosen", "other", "drawn", "not"] as const;
export type SiteKind = (typeof SITE_KINDS)[number];

const PLAIN: SymbolStyle = {
  fill: "#c9c9c9",
  fill_opacity: 1,
  stroke: "#333333",
  width_px: 1.5,
  dash: [],
  shape: "circle",
  radius_px: 7,
  glyph: null,
  pattern: "none",
};

export const siteSymbol = (kind: SiteKind): SymbolStyle => sheet.value?.sites[kind]?.symbol ?? PLAIN;

export const candidateSymbol = ({ status, kind }: Candidate): SymbolStyle =>
  siteSymbol(status === "not_eligible" ? "not" : kind.startsWith("drawn") ? "drawn" : "other");
