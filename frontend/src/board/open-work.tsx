/** What can be opened from a row besides a project: a case on the spot, tasks to verify what is not known. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { keepCase } from "../data/cases";
import { isFocusLost } from "../shared/kept-focus";
import { capital, say } from "../shared/lang";
import { asProblem, ready } from "../shared/loadable";
import type { Problem } from "../shared/request";
import { newKey } from "../shared/send-file";
import { textOf } from "./cells";
import { type BoardOf, layers, loadLayers, type Row, type TasksWritten, writeTasks } from "./data";
import { Fault } from "./fault";
import { groundOf, knownOf, sourceOf } from "./project-form";
import { t } from "./texts";

export function OpenCase({ now, row, onClose }: { now: BoardOf; row: Row; onClose: () => void }) {
  useEffect(() => {
    if (layers.state.peek().status === "idle") void loadLayers();
  }, []);
  const category = useSignal("other");
  const description = useSignal(knownOf(now, row).description);
  const key = useSignal(newKey());
  const state = useSignal<{ busy: boolean; code: string | null; problem: Problem | null }>({
    busy: false,
    code: null,
    problem: null,
  });
  const fields = ready(layers.state.value)?.find(({ name }) => name === "cases")?.fields;
  const kinds = fields?.find((field) => field.key === "category")?.choice_labels;
  const { busy, code, problem } = state.value;
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => {
    if (isFocusLost()) form.current?.querySelector("select")?.focus();
  }, []);
  const save = async (event: Event) => {
    event.preventDefault();
    if (state.peek().busy) return;
    state.value = { busy: true, code: null, problem: null };
    try {
      const geometry = await groundOf(row);
      if (!geometry) throw new Error("the area has no outline");
      const made = { category: category.value, description: description.value, source: sourceOf(now, row) };
      state.value = { busy: false, code: await keepCase(made, geometry, key.value), problem: null };
    } catch (error) {
      state.value = { busy: false, code: null, problem: asProblem(error) };
    }
  };
  if (code !== null)
    return (
      <div class="note" role="status">
        <p>{t("board.case.saved", { code })}</p>
        <a href={`/map#feature=cases/${encodeURIComponent(code)}`}>{t("board.map.open")}</a>
      </div>
    );
  return (
    <form
      ref={form}
      class="project"
      aria-label={t("board.do.case")}
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => {
        // what was written is not thrown away by one key
        if (event.key === "Escape" && description.peek() === knownOf(now, row).description) onClose();
      }}
    >
      <label>
        <span>{t("board.case.category")}</span>
        <select
          value={category.value}
          onChange={(event) => {
            category.value = event.currentTarget.value;
          }}
        >
          {Object.entries(kinds ?? {}).map(([one, label]) => (
            <option key={one} value={one} selected={one === category.value}>
              {capital(say(label))}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>{t("board.case.description")}</span>
        <textarea
          maxLength={4000}
          rows={4}
          value={description.value}
          onInput={(event) => {
            description.value = event.currentTarget.value;
          }}
        />
      </label>
      <p class="hint">{t("board.case.hint")}</p>
      {problem && <Fault problem={problem} />}
      <div class="actions">
        <button type="submit" class="primary" aria-disabled={busy}>
          {t("board.case.save")}
        </button>
        <button type="button" onClick={onClose}>
          {t("board.case.cancel")}
        </button>
      </div>
    </form>
  );
}

/** What the tasks of a row are about: one category in its place, or all of a community. */
function askedOf(row: Row): { category?: string; area?: string } {
  const area = row.grid_code ?? row.area_code ?? row.place?.code;
  const asked: { category?: string; area?: string } = {};
  if (row.category_code !== undefined) asked.category = row.category_code;
  if (typeof area === "string") asked.area = area;
  return asked;
}

export function TasksButton({ now, row }: { now: BoardOf; row: Row }) {
  const run = [...now.analyses, ...now.following].find(({ kind }) => kind === "gaps")?.run;
  const state = useSignal<{ busy: boolean; done: TasksWritten | null; problem: Problem | null }>({
    busy: false,
    done: null,
    problem: null,
  });
  if (!run) return null;
  const { busy, done, problem } = state.value;
  const write = async () => {
    if (busy) return;
    state.value = { busy: true, done: null, problem: null };
    try {
      state.value = { busy: false, done: await writeTasks(run.uid, askedOf(row)), problem: null };
    } catch (error) {
      state.value = { busy: false, done: null, problem: asProblem(error) };
    }
  };
  const nothing = done && Object.values(done).every((count) => count === 0);
  return (
    <div>
      <button type="button" aria-disabled={busy} onClick={() => void write()}>
        {t("board.do.tasks")}
      </button>
      <p class="hint">
        {t("board.do.tasks_hint", {
          place: textOf(row.here?.name ?? row.area_name ?? row.name) || t("board.everywhere"),
        })}
      </p>
      {done && <p role="status">{nothing ? t("board.do.tasks_none") : t("board.do.tasks_done", done)}</p>}
      {problem && <Fault problem={problem} />}
    </div>
  );
}
