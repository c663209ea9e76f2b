/** What sites and candidates are called: their kind and name, a code only where there is no name. */
import { nameOf } from "../../data/thing-names";
import { type Key, t } from "./texts";

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
}

export function placeName(place: Place): string {
  if (place.kind === "crossing") return crossingName(place);
  const key = KINDS[place.kind];
  const name = place.name ?? (place.kind === "gate" ? nameOf("gates", place.code) : null) ?? place.code;
  return t("tools.siting.place", { kind: key ? t(key) : place.kind, name });
}

/** A proposed crossing is named by the streets it joins, else by what it leads over; its code holds the barrier's. */
function crossingName({ name, code }: Place): string {
  const barrier = code.split("@")[0] ?? code;
  if (name) return t("tools.siting.crossing_of", { name });
  return t("tools.siting.crossing_at", { name: nameOf("barriers", barrier) ?? barrier });
}
