/** Somebody else saved first: both are shown, field by field and on the map, and what is kept is chosen. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type Properties, versionOf } from "../../data/editing";
import { moment } from "../../i18n";
import { capital } from "../../shared/lang";
import { conflictMarks, shapeBy } from "./conflict-marks";
import { goTo } from "./go-to";
import * as keptDraft from "./kept-draft";
import { type Differing, differing, mergedValues, type Side, undecided } from "./merging";
import { write } from "./saving";
import * as session from "./session";
import { shownValue } from "./shown-value";
import { t } from "./texts";

export function Conflict() {
  const heading = useRef<HTMLHeadingElement>(null);
  const chosen = useSignal<Readonly<Record<string, Side>>>({});
  const shapeSide = useSignal<Side | null>(null);
  const lacking = useSignal(0);
  const isDropping = useSignal(false);
  const theirs = session.conflict.value;
  useEffect(() => heading.current?.focus(), []);
  const form = session.form.value;
  const stored = session.row.value;
  if (!theirs || !form || !stored) return null;
  const base = keptDraft.baseOfDraft.value ?? session.before.value;
  const fields = form.fields.map(({ name }) => name);
  const mine = session.changes.value;
  const rows = differing(fields, base, keptDraft.baseOfDraft.value ? session.values.value : mine, theirs.properties);
  const contested = rows.filter(({ by }) => by === "both");
  const isShape = shapeBy.value === "both";

  const keepTheirs = () => {
    session.conflict.value = null;
    keptDraft.forgetDraft();
    void session.goOnWith(theirs, t("edit.conflict.took_theirs"));
  };
  const keepTheirsAndDraft = () =>
    void session.goOnWith(theirs, t("edit.conflict.took_theirs")).then(keptDraft.offerDraft);
  const keepMerged = () => {
    lacking.value = undecided(rows, chosen.value).length + (isShape && shapeSide.value === null ? 1 : 0);
    if (lacking.value > 0) {
      const choices = [...document.querySelectorAll(".edit-conflict .edit-choice")];
      const open = choices.find((one) => !one.querySelector(":checked"));
      open?.querySelector("input")?.focus();
      return;
    }
    const properties: Properties = mergedValues(rows, chosen.value);
    const isMineShape = shapeBy.value === "mine" || (isShape && shapeSide.value === "mine");
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
      {(contested.length > 0 || isShape) && (
        <p class="hint">
          {t("edit.conflict.how")} {isShape && t("edit.conflict.how_shapes")}
        </p>
      )}
      {contested.map((one) => (
        <Choice
          key={one.field}
          row={one}
          side={chosen.value[one.field] ?? null}
          choose={(side) => {
            chosen.value = { ...chosen.value, [one.field]: side };
            lacking.value = 0;
          }}
        />
      ))}
      {isShape && (
        <fieldset class="edit-choice">
          <legend>
            {t("edit.shape")}
            <strong class="edit-both"> {t("edit.conflict.both")}</strong>
          </legend>
          {(["mine", "theirs"] as const).map((side) => (
            <Radio
              key={side}
              name="shape"
              isOn={shapeSide.value === side}
              choose={() => {
                shapeSide.value = side;
                lacking.value = 0;
              }}
            >
              {t(`edit.conflict.${side}_shape`)}
            </Radio>
          ))}
          <button
            type="button"
            class="link"
            onClick={() => conflictMarks.value[0] && goTo(conflictMarks.value[0].geometry)}
          >
            {t("edit.show")}
          </button>
        </fieldset>
      )}
      <Alone rows={rows} />
      {lacking.value > 0 && (
        <p class="note note-bad" role="alert">
          {t("edit.conflict.undecided", { count: lacking.value })}
        </p>
      )}
      <div class="actions">
        <button type="button" class="primary" disabled={session.isSaving.value} onClick={keepMerged}>
          {t("edit.conflict.save")}
        </button>
        <button
          type="button"
          aria-expanded={isDropping.value}
          onClick={() => {
            isDropping.value = !isDropping.value;
          }}
        >
          {t("edit.conflict.take_theirs")}
        </button>
      </div>
      {isDropping.value ? (
        <div class="note" role="group" aria-label={t("edit.conflict.take_theirs")}>
          <p>{t("edit.conflict.drop_ask")}</p>
          <div class="actions">
            {keptDraft.isDraftKept.value && (
              <button type="button" class="primary" onClick={keepTheirsAndDraft}>
                {t("edit.conflict.drop_keep")}
              </button>
            )}
            <button type="button" onClick={keepTheirs}>
              {t("edit.conflict.drop_do")}
            </button>
          </div>
        </div>
      ) : (
        <p class="hint">{t("edit.conflict.both_kept")}</p>
      )}
    </section>
  );
}

const fieldOf = (name: string) => session.form.value?.fields.find((field) => field.name === name);
const labelOf = (name: string) => capital(fieldOf(name)?.label ?? name);

/** What only one of the two changed: merged without being asked, and said. */
function Alone({ rows }: { rows: readonly Differing[] }) {
  const alone = rows.filter(({ by }) => by !== "both");
  const shape = shapeBy.value;
  if (alone.length === 0 && (shape === null || shape === "both")) return null;
  return (
    <section aria-labelledby="edit-alone">
      <h4 id="edit-alone">{t("edit.conflict.alone")}</h4>
      <ul class="edit-alone">
        {alone.map(({ field, by, mine, theirs }) => (
          <li key={field}>
            {t(by === "mine" ? "edit.conflict.alone_mine" : "edit.conflict.alone_theirs", {
              field: labelOf(field),
              value: shownValue(fieldOf(field), by === "mine" ? mine : theirs),
            })}
          </li>
        ))}
        {(shape === "mine" || shape === "theirs") && (
          <li>{t(shape === "mine" ? "edit.conflict.shape_mine" : "edit.conflict.shape_theirs")}</li>
        )}
      </ul>
    </section>
  );
}

function Choice({ row, side, choose }: { row: Differing; side: Side | null; choose: (side: Side) => void }) {
  const field = fieldOf(row.field);
  return (
    <fieldset class="edit-choice">
      <legend>
        {labelOf(row.field)}
        <strong class="edit-both"> {t("edit.conflict.both")}</strong>
      </legend>
      <Radio name={row.field} isOn={side === "mine"} choose={() => choose("mine")}>
        {t("edit.conflict.mine_is", { value: shownValue(field, row.mine) })}
      </Radio>
      <Radio name={row.field} isOn={side === "theirs"} choose={() => choose("theirs")}>
        {t("edit.conflict.theirs_is", { value: shownValue(field, row.theirs) })}
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
