/** Saving the map as it is under a name; opening, sharing, renaming and deleting what is saved. */
import { useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { me } from "../data/me";
import { createView, fetchView, LONGEST_NAME, loadViews, type View, views } from "../data/views";
import { asProblem, ready } from "../shared/loadable";
import type { Problem } from "../shared/request";
import { newKey } from "../shared/send-file";
import { Dialog } from "../shell/dialog";
import "../shell/help.css";
import { showView, stateNow } from "./address";
import { ProblemNote } from "./problem-note";
import * as state from "./state";
import { ViewRow } from "./view-row";
import "./views.css";
import { t } from "./views-texts";

export default function ViewsDialog({ onClose }: { onClose: () => void }) {
  const problem = useSignal<Problem | null>(null);
  const said = useSignal("");
  useEffect(() => {
    if (state.viewAsked.peek() === null) void loadViews();
  }, []);
  useSignalEffect(() => {
    const uid = state.viewAsked.value;
    if (uid !== null) void open(uid);
  });
  const open = async (uid: string) => {
    problem.value = null;
    try {
      const found = await fetchView(uid);
      if (state.viewAsked.peek() !== uid) return;
      showView(found.state);
      onClose();
    } catch (error) {
      problem.value = asProblem(error);
      if (state.viewAsked.peek() === uid) state.viewAsked.value = null;
      void loadViews();
    }
  };
  const kept = views.state.value;
  const all = ready(kept) ?? [];
  const told = (sentence: string) => {
    said.value = sentence;
    void loadViews();
  };
  const list = (label: string, some: View[]) =>
    some.length > 0 && (
      <section>
        <h3>{label}</h3>
        <ul class="views" aria-label={label}>
          {some.map((view) => (
            <ViewRow key={view.uid} view={view} told={told} />
          ))}
        </ul>
      </section>
    );
  return (
    <Dialog label={t("views_page.title")} onClose={onClose}>
      <div class="stack">
        {problem.value && <ProblemNote problem={problem.value} />}
        {(ready(me.state.value)?.may.keep_views ?? "none") !== "none" && <SaveForm told={told} />}
        <p role="status">{said.value}</p>
        {list(
          t("views_page.own"),
          all.filter((view) => view.is_own),
        )}
        {list(
          t("views_page.shared"),
          all.filter((view) => !view.is_own),
        )}
        {kept.status === "ready" && all.length === 0 && <p class="hint">{t("views_page.none")}</p>}
        {kept.status === "failed" && !problem.value && (
          <ProblemNote problem={kept.problem} retry={() => void loadViews()} />
        )}
      </div>
    </Dialog>
  );
}

function SaveForm({ told }: { told: (sentence: string) => void }) {
  const name = useSignal("");
  const key = useSignal(newKey());
  const problem = useSignal<Problem | null>(null);
  const isMissing = useSignal(false);
  const isSending = useSignal(false);
  const save = async () => {
    const wanted = name.peek().trim();
    isMissing.value = !wanted;
    problem.value = null;
    if (!wanted || isSending.peek()) return;
    isSending.value = true;
    try {
      await createView(wanted, stateNow(), key.peek());
      name.value = "";
      key.value = newKey();
      told(t("views_page.saved", { name: wanted }));
    } catch (error) {
      problem.value = asProblem(error);
    }
    isSending.value = false;
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label class="choice">
        <span>{t("views_page.name")}</span>
        <input
          type="text"
          maxLength={LONGEST_NAME}
          value={name.value}
          aria-invalid={isMissing.value}
          aria-describedby="views-hint"
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
            key.value = newKey(); // sent again under the same key only as it was
            isMissing.value = false;
          }}
        />
      </label>
      <small class="hint" id="views-hint">
        {t("views_page.hint")}
      </small>
      {isMissing.value && (
        <p class="note note-bad" role="alert">
          {t("views_page.name_missing")}
        </p>
      )}
      {problem.value && <ProblemNote problem={problem.value} />}
      <button type="submit" class="primary" aria-disabled={isSending.value}>
        {t("views_page.save")}
      </button>
    </form>
  );
}
