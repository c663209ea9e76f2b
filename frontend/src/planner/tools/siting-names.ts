/** What sites and candidates are called: their kind and name, a code only where there is no name. */
import { computed } from "@preact/signals";
import { type Drawn, drawnFrom } from "../../data/siting";
import { nameOf } from "../../data/thing-names";
import { asked } from "./follow";
import { type Key, t } from "./texts";

/** The candidates somebody drew. */
export const drawn = computed<Drawn[]>(() => drawnFrom(asked("points")));

/** A drawn candidate by its letter, or by the name somebody gave it. */
export const candidateName = (name: string): string =>
  /^[A-Z]{1,2}$/.test(name) ? t("tools.siting.candidate", { letter: name }) : name;

/** What a drawn candidate is called now, though it was called otherwise when it was computed. */
const nameNow = ({ name, lon, lat }: Place): string | null =>
  drawn.value.find((one) => Math.abs(one.lon - lon) < 1e-6 && Math.abs(one.lat - lat) < 1e-6)?.name ?? name;

/** A letter or two for the mark of a drawn candidate. */
export const badgeOf = (place: Place): { badge?: string } => {
  const name = place.kind === "drawn" ? nameNow(place) : null;
  return name ? { badge: name.slice(0, 2) } : {};
};

const KINDS: Record<string, Key> = {
  space: "tools.siting.kind_space",
  drawn: "tools.siting.kind_drawn",
  share: "tools.siting.kind_share",
  gate: "tools.siting.kind_gate",
  crossing: "tools.siting.kind_crossing",
  drawn_crossing: "tools.siting.kind_drawn_crossing",
};

interface Place {
  kind: string;
  name: string | null;
  code: string;
  lon: number;
  lat: number;
}

export function placeName(place: Place): string {
  if (place.kind === "crossing") return crossingName(place);
  const own = place.kind === "drawn" ? nameNow(place) : null;
  if (own) return candidateName(own);
  const key = KINDS[place.kind];
  const name = place.name ?? (place.kind === "gate" ? nameOf("gates", place.code) : null) ?? place.code;
  return t("tools.siting.place", { kind: key ? t(key) : place.kind, name });
}

/** A proposed crossing is named by the streets it joins, else by what it leads over; its code holds the barrier's. */
function crossingName({ name, code }: Pick<Place, "name" | "code">): string {
  const barrier = code.split("@")[0] ?? code;
  if (name) return t("tools.siting.crossing_of", { name });
  return t("tools.siting.crossing_at", { name: nameOf("barriers", barrier) ?? barrier });
}
