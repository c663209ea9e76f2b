/** What a thing was: its versions with who, when and what, its shapes before and after on the map, and the way back. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Version } from "../../data/editing";
import { moment } from "../../i18n";
import { capital } from "../../shared/lang";
import { editing, mayWrite, openEditing } from "../edit-state";
import { ProblemNote } from "../problem-note";
import { goNear } from "./go-to";
import { loadOlder, loadVersions, looked, versions } from "./history-state";
import { Restore } from "./restore";
import * as session from "./session";
import { shownValue } from "./shown-value";
import { type Key, t } from "./texts";

export function History() {
  const now = editing.value;
  useEffect(() => void loadVersions(), [now?.layer, now?.code]);
  const answer = versions.state.value;
  if (!now) return null;
  return (
    <>
      <p class="hint">{t("edit.history.hint")}</p>
      {session.done.value && (
        <p class="note note-good" role="status">
          {session.done.value}
        </p>
      )}
      {answer.status === "loading" && <p role="status">{t("edit.loading")}</p>}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={() => void loadVersions()} />}
      {answer.status === "ready" && (
        <>
          <ol class="edit-versions" aria-label={t("edit.history")}>
            {answer.value.versions.map((one, place) => (
              <One key={one.version} one={one} isNewest={place === 0} />
            ))}
          </ol>
          {answer.value.next !== null && (
            <button type="button" onClick={() => void loadOlder()}>
              {t("edit.history.older")}
            </button>
          )}
        </>
      )}
      <div class="actions">
        {mayWrite(now.layer) && now.code && (
          <button type="button" onClick={() => openEditing("edit", now.layer, now.code)}>
            {t("edit.edit")}
          </button>
        )}
      </div>
    </>
  );
}

const ACTIONS: Record<string, Key> = {
  created: "edit.action.created",
  imported: "edit.action.imported",
  updated: "edit.action.changed",
  retired: "edit.action.retired",
  restored: "edit.action.restored",
  "split created": "edit.action.split_from",
  "split updated": "edit.action.split",
  "merged updated": "edit.action.merged",
  "merged retired": "edit.action.merged_into",
};

/** The other things of a split or merge; each opens its own history. */
function Partners({ codes }: { codes: readonly string[] }) {
  const layer = editing.value?.layer ?? "";
  if (codes.length === 0) return null;
  return (
    <p class="edit-partners">
      {t("edit.history.partners")}{" "}
      {codes.map((code) => (
        <button key={code} type="button" class="link" onClick={() => openEditing("history", layer, code)}>
          {code}
        </button>
      ))}
    </p>
  );
}

function One({ one, isNewest }: { one: Version; isNewest: boolean }) {
  const isAsking = useSignal(false);
  const isLooked = looked.value === one.version;
  const hasShape = one.geometry_before !== null || one.geometry_after !== null;
  const action = ACTIONS[one.cause ? `${one.cause} ${one.action}` : one.action];
  const fieldOf = (name: string) => session.form.value?.fields.find((field) => field.name === name);
  return (
    <li class={isLooked ? "is-chosen" : ""}>
      <h3>
        {t("edit.history.version", { version: one.version })}{" "}
        <small>
          {moment(one.at)} · {one.who || t("edit.conflict.somebody")} · {action ? t(action) : one.action}
        </small>
      </h3>
      <Partners codes={one.partners ?? []} />
      {one.changes.length > 0 && one.geometry_before === null && one.action !== "updated" ? (
        <details>
          <summary>{t("edit.history.values", { count: one.changes.length })}</summary>
          <Changes one={one} fieldOf={fieldOf} />
        </details>
      ) : (
        <Changes one={one} fieldOf={fieldOf} />
      )}
      <div class="edit-tools">
        {hasShape && (
          <button
            type="button"
            aria-pressed={isLooked}
            onClick={() => {
              looked.value = isLooked ? null : one.version;
              const shapes = [one.geometry_before, one.geometry_after].filter((shape) => shape !== null);
              if (!isLooked) goNear({ type: "GeometryCollection", geometries: shapes });
            }}
          >
            {t("edit.history.on_map")}
          </button>
        )}
        {!isNewest && mayWrite(editing.value?.layer ?? "") && (
          <button
            type="button"
            aria-expanded={isAsking.value}
            onClick={() => {
              isAsking.value = !isAsking.value;
            }}
          >
            {t("edit.restore")}
          </button>
        )}
      </div>
      {isLooked && (
        <p class="hint" role="status">
          {t(one.geometry_before && one.geometry_after ? "edit.history.legend" : "edit.history.legend_one")}
        </p>
      )}
      {isAsking.value && <Restore one={one} cancel={() => (isAsking.value = false)} />}
    </li>
  );
}

function Changes({ one, fieldOf }: { one: Version; fieldOf: (name: string) => Parameters<typeof shownValue>[0] }) {
  return (
    <dl class="fields edit-changes">
      {one.changes.map(({ field, label, before, after }) => (
        <div key={field}>
          <dt>{capital(label)}</dt>
          <dd>
            <del>{shownValue(fieldOf(field), before)}</del> <span aria-hidden="true">→</span>{" "}
            <ins>{shownValue(fieldOf(field), after)}</ins>
          </dd>
        </div>
      ))}
      {one.geometry_before !== null && one.geometry_after !== null && (
        <div>
          <dt>{t("edit.shape")}</dt>
          <dd>{t("edit.history.reshaped")}</dd>
        </div>
      )}
    </dl>
  );
}
