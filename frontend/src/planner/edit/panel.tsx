/** The editor: a thing's form and shape, its history, or the list of a layer. Fetched when it is first opened. */
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { layerNamed, oneOf } from "../../data/catalogue";
import { moment } from "../../i18n";
import { say } from "../../shared/lang";
import { closeEditing, editing, mayLeave, mayLookBack, openEditing } from "../edit-state";
import { ProblemNote } from "../problem-note";
import { Conflict } from "./conflict";
import { DrawButtons } from "./drawing-tools";
import { Fields, Refusal } from "./fields";
import { History } from "./history";
import * as keptDraft from "./kept-draft";
import { List } from "./list";
import { Measured } from "./measured";
import { LayerProblems } from "./problems";
import { retire, save, undoable, unpart } from "./saving";
import * as session from "./session";
import { ShapeTools } from "./shape-tools";
import { type Key, t } from "./texts";
import { start } from "./work";
import "../tools/tools.css";
import "./edit.css";

const HEADINGS: Record<string, Key> = {
  edit: "edit.title.edit",
  new: "edit.title.new",
  history: "edit.title.history",
  list: "edit.title.list",
  problems: "edit.title.problems",
};

function Panel() {
  const heading = useRef<HTMLHeadingElement>(null);
  const now = editing.value;
  useEffect(() => heading.current?.focus(), [now?.work, now?.layer, now?.code]);
  if (!now) return null;
  const kind = say(oneOf(layerNamed(now.layer)));
  const name = session.row.value?.properties.name ?? now.code ?? "";
  const isOfLayer = now.work === "list" || now.work === "problems";
  const shown = isOfLayer ? say(layerNamed(now.layer)?.label) : kind;
  return (
    <div class="stack tool edit">
      <div class="details-head">
        <h2 ref={heading} tabIndex={-1}>
          {t(HEADINGS[now.work] ?? "edit.title.edit", { kind: shown, name: String(name) })}
        </h2>
        <button
          type="button"
          class="close"
          aria-label={t("edit.close")}
          onClick={() => mayLeave.current() && closeEditing()}
        >
          ×
        </button>
      </div>
      {now.work === "list" && <List />}
      {now.work === "problems" && <LayerProblems />}
      {now.work === "history" && <History />}
      {(now.work === "edit" || now.work === "new") && <Editor />}
    </div>
  );
}

function Editor() {
  const answer = session.opened.state.value;
  if (answer.status === "loading") return <p role="status">{t("edit.loading")}</p>;
  if (answer.status === "failed") return <ProblemNote problem={answer.problem} retry={() => void session.open()} />;
  if (answer.status !== "ready") return null;
  if (session.row.value?.properties.retired_at) return <p class="note">{t("edit.is_retired")}</p>;
  return (
    <>
      <Draft />
      {session.done.value && (
        <p class="note note-good" role="status">
          {session.done.value} <Unpart />
        </p>
      )}
      {session.conflict.value ? (
        <>
          <Refusal />
          <Conflict />
        </>
      ) : (
        <Form />
      )}
    </>
  );
}

/** A split or merge is kept at once; this takes it back. */
function Unpart() {
  const last = undoable.value;
  if (!last || last.stored !== session.row.value) return null;
  return (
    <button type="button" disabled={session.isSaving.value} onClick={() => void unpart()}>
      {t(last.kind === "split" ? "edit.parted.undo_split" : "edit.parted.undo_merge")}
    </button>
  );
}

function Draft() {
  const draft = session.foundDraft.value;
  if (!draft) return null;
  return (
    <section class="note" aria-label={t("edit.draft.title")}>
      <p>{t("edit.draft.found", { when: moment(new Date(draft.at).toISOString()) })}</p>
      <div class="actions">
        <button type="button" class="primary" onClick={keptDraft.takeDraft}>
          {t("edit.draft.take")}
        </button>
        <button type="button" onClick={keptDraft.refuseDraft}>
          {t("edit.draft.drop")}
        </button>
      </div>
    </section>
  );
}

function Form() {
  const isNew = session.row.value === null;
  const isBusy = session.isSaving.value;
  const now = editing.value;
  return (
    <>
      <UndoRedo />
      <ShapeTools />
      <form
        class="edit-form stack"
        noValidate
        aria-label={t("edit.form")}
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <h3>{t("edit.values")}</h3>
        <Fields />
        <div class="edit-save">
          <Refusal />
          <button type="submit" class="primary" disabled={isBusy || session.drawing.value !== null}>
            {t(isBusy ? "edit.saving" : "edit.save")}
          </button>
          {isNew && (
            <button type="button" disabled={isBusy || session.drawing.value !== null} onClick={() => void save(true)}>
              {t("edit.save_next")}
            </button>
          )}
          <button type="button" disabled={!session.isDirty.value} onClick={keptDraft.discard}>
            {t("edit.discard")}
          </button>
          {session.isDirty.value && <small role="status">{t("edit.unsaved")}</small>}
        </div>
      </form>
      {!isNew && now?.code && (
        <>
          {mayLookBack() && (
            <div class="actions">
              <button type="button" onClick={() => openEditing("history", now.layer, now.code)}>
                {t("edit.history")}
              </button>
            </div>
          )}
          <Retire />
        </>
      )}
    </>
  );
}

/** Steps back and forth over what was drawn and filled in; the keys do the same. */
const UndoRedo = () => (
  <div class="edit-tools edit-undo">
    <button type="button" disabled={!session.canUndo.value} title="Ctrl+Z / ⌘Z" onClick={session.undo}>
      {t("edit.undo")}
    </button>
    <button type="button" disabled={!session.canRedo.value} title="Ctrl+Y / ⇧⌘Z" onClick={session.redo}>
      {t("edit.redo")}
    </button>
  </div>
);

/** Taking a thing out of use needs a reason. */
function Retire() {
  const id = useId();
  const reason = useSignal("");
  return (
    <details class="edit-retire">
      <summary>{t("edit.retire")}</summary>
      <p class="hint">{t("edit.retire_hint")}</p>
      <label htmlFor={id}>{t("edit.retire_reason")}</label>
      <input
        id={id}
        type="text"
        maxLength={500}
        value={reason.value}
        onInput={({ currentTarget }) => {
          reason.value = currentTarget.value;
        }}
      />
      <div class="edit-tools">
        <button
          type="button"
          disabled={reason.value.trim() === "" || session.isSaving.value}
          onClick={() => void retire(reason.peek().trim())}
        >
          {t("edit.retire_do")}
        </button>
      </div>
    </details>
  );
}

const cornersDrawn = () => session.shapeNow.value?.parts[0]?.[0]?.length ?? 0;

/** Over the map while something is drawn: what it measures, and buttons for a thumb. */
function Bar() {
  if (!session.drawing.value && !session.dragged.value) return null;
  return (
    <div class="edit-bar">
      <p class={`chip ${cornersDrawn() < 2 ? "visually-hidden" : ""}`}>
        <Measured />
      </p>
      {session.drawing.value && <DrawButtons isOverMap />}
    </div>
  );
}

export const part = { Panel, Bar, start };
