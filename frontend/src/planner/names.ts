/** How things are called: by name where they have one, else by what they are and their code. */
import { categoryNamed, layerNamed, oneOf } from "../data/catalogue";
import { number, t } from "../i18n";
import type { TileFeature } from "../map/decode";
import type { FieldMeta } from "../shared/api";
import { say, title } from "../shared/lang";
import { bandLabel } from "./bands";
import { paint } from "./paint-state";

const HOME_USES: readonly string[] = ["residential", "dormitory", "mixed"];

/** Whether people live there, as far as a tile says. */
export const isHome = ({ layer, properties }: TileFeature): boolean =>
  layer === "buildings" &&
  (HOME_USES.includes(String(properties.use)) || Object.keys(properties).some((key) => key.startsWith("s_")));

/** What people call a stored thing: its name, else its address; null where only its code is known. */
export const calledOf = ({ name, address }: Record<string, unknown>): string | null =>
  name || address ? String(name || address) : null;

/** Name, else kind and code; with the state of a home where coverage is by building. */
export function titleOf(feature: TileFeature): string {
  const { layer, properties } = feature;
  const named = properties.name ? String(properties.name) : `${kindOf(feature)} ${properties.code ?? ""}`;
  const asked = paint.peek()?.coverage;
  if (layer !== "buildings" || !asked) return named;
  const state = paint.peek()?.sheet.coverage.states.find(({ value }) => value === properties[`s_${asked.category}`]);
  if (!state) return named;
  const away = Number(properties[`d_${asked.category}`] ?? -1);
  const said = away >= 0 ? t("map.hover.metres", { metres: number(away) }) : "";
  return `${named} · ${say(state.label)}${said}`;
}

function kindOf({ layer, properties }: TileFeature): string {
  if (layer === "facilities") return say(categoryNamed(String(properties.category))?.label);
  const meta = layerNamed(layer);
  for (const field of meta?.fields ?? []) {
    const label = field.kind === "choice" && field.choice_labels?.[String(properties[field.key])];
    if (label && ["kind", "use"].includes(field.key)) return say(label);
  }
  return say(oneOf(meta));
}

/** What a field is called. */
export function fieldLabel({ key, label }: FieldMeta): string {
  const band = /^age_(.+)_persons$/.exec(key)?.[1];
  return title(label) || (band ? bandLabel(band) : key);
}
