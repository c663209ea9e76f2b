/** Somebody else saved first: both are shown, field by field and on the map, and what is kept is chosen. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Properties, versionOf } from "../../data/editing";
import { moment } from "../../i18n";
import { capital } from "../../shared/lang";
import { conflictMarks, isShapeContested } from "./conflict-marks";
import { goTo } from "./go-to";
import { type Differing, differing, mergedValues, type Side, usual } from "./merging";
import { write } from "./saving";
import * as session from "./session";
import { shownValue } from "./shown-value";
import { t } from "./texts";

export function Conflict() {
  const heading = useRef<HTMLHeadingElement>(null);
  const chosen = useSignal<Readonly<Record<string, Side>>>({});
  const shapeSide = useSignal<Side>("mine");
  const theirs = session.conflict.value;
  useEffect(() => heading.current?.focus(), []);
  const form = session.form.value;
  const stored = session.row.value;
  if (!theirs || !form || !stored) return null;
  const base = session.baseOfDraft.value ?? session.before.value;
  const fields = form.fields.map(({ name }) => name);
  const mine = session.changes.value;
  const rows = differing(fields, base, session.baseOfDraft.value ? session.values.value : mine, theirs.properties);
  const isShape = isShapeContested.value;

  const keepTheirs = () => {
    session.conflict.value = null;
    session.forgetDraft();
    void session.goOnWith(theirs, t("edit.conflict.took_theirs"));
  };
  const keepMerged = () => {
    const properties: Properties = mergedValues(rows, chosen.value);
    const isMineShape = session.isReshaped.value && (!isShape || shapeSide.value === "mine");
    const geometry = isMineShape ? { geometry: session.geometryNow.value } : {};
    if (Object.keys(properties).length === 0 && !isMineShape) return keepTheirs();
    void write(theirs, versionOf(theirs), { properties, ...geometry });
  };
  return (
    <section class="card edit-conflict" aria-labelledby="edit-conflict">
      <h3 id="edit-conflict" tabIndex={-1} ref={heading}>
        {t("edit.conflict.title")}
      </h3>
      <p>
        {t("edit.conflict.what", {
          who: String(theirs.properties.updated_by ?? "") || t("edit.conflict.somebody"),
          when: moment(String(theirs.properties.updated_at ?? "")),
          version: versionOf(theirs),
        })}
      </p>
      <p class="hint">{t("edit.conflict.how")}</p>
      {rows.map((one) => (
        <Choice
          key={one.field}
          row={one}
          side={chosen.value[one.field] ?? usual(one.by)}
          choose={(side) => {
            chosen.value = { ...chosen.value, [one.field]: side };
          }}
        />
      ))}
      {isShape && (
        <fieldset class="edit-choice">
          <legend>{t("edit.shape")}</legend>
          <Radio name="shape" isOn={shapeSide.value === "mine"} choose={() => (shapeSide.value = "mine")}>
            {t("edit.conflict.mine_shape")}
          </Radio>
          <Radio name="shape" isOn={shapeSide.value === "theirs"} choose={() => (shapeSide.value = "theirs")}>
            {t("edit.conflict.theirs_shape")}
          </Radio>
          <button
            type="button"
            class="link"
            onClick={() => conflictMarks.value[0] && goTo(conflictMarks.value[0].geometry)}
          >
            {t("edit.show")}
          </button>
        </fieldset>
      )}
      <div class="actions">
        <button type="button" class="primary" disabled={session.isSaving.value} onClick={keepMerged}>
          {t("edit.conflict.save")}
        </button>
        <button type="button" onClick={keepTheirs}>
          {t("edit.conflict.take_theirs")}
        </button>
      </div>
      <p class="hint">{t("edit.conflict.both_kept")}</p>
    </section>
  );
}

function Choice({ row, side, choose }: { row: Differing; side: Side; choose: (side: Side) => void }) {
  const field = session.form.value?.fields.find(({ name }) => name === row.field);
  const label = capital(field?.label ?? row.field);
  return (
    <fieldset class="edit-choice">
      <legend>
        {label}
        {row.by === "both" && <strong class="edit-both"> {t("edit.conflict.both")}</strong>}
      </legend>
      <Radio name={row.field} isOn={side === "mine"} choose={() => choose("mine")}>
        {t(row.by === "theirs" ? "edit.conflict.before_is" : "edit.conflict.mine_is", {
          value: shownValue(field, row.mine),
        })}
      </Radio>
      <Radio name={row.field} isOn={side === "theirs"} choose={() => choose("theirs")}>
        {t(row.by === "mine" ? "edit.conflict.before_is" : "edit.conflict.theirs_is", {
          value: shownValue(field, row.theirs),
        })}
      </Radio>
    </fieldset>
  );
}

interface RadioOf {
  name: string;
  isOn: boolean;
  choose: () => void;
  children: preact.ComponentChildren;
}

const Radio = ({ name, isOn, choose, children }: RadioOf) => (
  <label class="edit-check">
    <input type="radio" name={`conflict-${name}`} checked={isOn} onChange={choose} />
    <span>{children}</span>
  </label>
);
