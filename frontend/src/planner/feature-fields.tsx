/** All fields of a thing under their labels, empty ones left out, and circles from where it stands: a facility has its own. */
import { layerNamed, oneOf, summary } from "../data/catalogue";
import { moment, number, t } from "../i18n";
import type { FieldMeta, LayerFeature } from "../shared/api";
import { boundsOf } from "../shared/bounds";
import { capital, title } from "../shared/lang";
import { FeaturePhotos } from "./feature-photos";
import { fieldLabel } from "./names";
import { Reveal } from "./reveal";
import * as state from "./state";

const UNITS: Record<string, string> = { m: "m", m2: "m²", s: "s" };

export function FeatureFields({ layer, feature }: { layer: string; feature: LayerFeature }) {
  const meta = layerNamed(layer);
  const { properties } = feature;
  const known = (meta?.fields ?? []).filter(
    ({ key }) => key !== "name" && properties[key] !== null && properties[key] !== undefined && properties[key] !== "",
  );
  const bounds = feature.geometry && boundsOf(feature.geometry);
  return (
    <>
      <dl class="fields">
        <Field label={t("map.field.kind")} value={title(oneOf(meta))} />
        <Field label={t("map.field.code")} value={String(properties.code)} />
        {known.map((field) => (
          <Field key={field.key} label={fieldLabel(field)} value={shownValue(field, properties[field.key])} />
        ))}
        {properties.source ? <Field label={t("map.field.source")} value={String(properties.source)} /> : null}
        {properties.licence ? <Field label={t("map.field.licence")} value={String(properties.licence)} /> : null}
        {properties.updated_at ? (
          <Field label={t("map.field.updated")} value={moment(String(properties.updated_at))} />
        ) : null}
      </dl>
      {meta && <Reveal key={`reveal ${layer} ${feature.id}`} meta={meta} feature={feature} />}
      {properties.withheld !== undefined && <p class="hint">{t("map.details.withheld")}</p>}
      {summary.value?.is_synthetic && <p class="hint">{t("map.synthetic.mark")}</p>}
      {bounds && (
        <div class="actions">
          <button type="button" onClick={() => showOnMap(bounds)}>
            {t("map.details.show")}
          </button>
          {layer !== "facilities" && (
            <button
              type="button"
              onClick={() =>
                state.select({ kind: "place", at: [mid(bounds[0], bounds[2]), mid(bounds[1], bounds[3])] })
              }
            >
              {t("map.details.circles")}
            </button>
          )}
        </div>
      )}
      {meta?.takes_photos && <FeaturePhotos key={`photos ${layer} ${feature.id}`} layer={layer} feature={feature} />}
    </>
  );
}

const mid = (a: number, b: number): number => Number(((a + b) / 2).toFixed(6));

function showOnMap(bounds: [number, number, number, number]): void {
  const isPoint = bounds[0] === bounds[2] && bounds[1] === bounds[3];
  state.focus.value = isPoint ? [bounds[0], bounds[1]] : [...bounds];
}

function Field({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function shownValue({ kind, unit, choice_labels }: FieldMeta, value: unknown): string {
  if (typeof value === "boolean") return capital(t(value ? "map.yes" : "map.no"));
  if (kind === "moment") return moment(String(value));
  if (typeof value === "number") return kind === "integer" || kind === "real" ? withUnit(value, unit) : String(value);
  const named = title(choice_labels?.[String(value)]);
  if (kind === "choice" || named) return named || String(value);
  if (kind === "json") return jsonText(value);
  return String(value);
}

function withUnit(value: number, unit: string | null | undefined): string {
  // years are numbers without a thousands separator
  if (!unit) return value >= 1000 && value <= 2200 && Number.isInteger(value) ? String(value) : number(value, 1);
  if (unit === "persons") return t("map.unit.persons", { count: number(value) });
  if (unit === "yuan") return t("map.unit.yuan", { amount: number(value) });
  return `${number(value, 1)} ${UNITS[unit] ?? unit}`;
}

function jsonText(value: unknown): string {
  if (Array.isArray(value))
    return value.map(jsonText).reduceRight((rest, first) => (rest ? t("map.list", { first, rest }) : first), "");
  if (value && typeof value === "object")
    return Object.entries(value)
      .map(([key, one]) => `${key}: ${jsonText(one)}`)
      .join("; ");
  return String(value);
}
