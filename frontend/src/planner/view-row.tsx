/** One saved view: a link that opens it and, for who may change it, its name, for whom it is, its end. */
import { useSignal } from "@preact/signals";
import { me } from "../data/me";
import { changeView, deleteView, LONGEST_NAME, type View } from "../data/views";
import { moment } from "../i18n";
import { asProblem, ready } from "../shared/loadable";
import type { Problem } from "../shared/request";
import { ProblemNote } from "./problem-note";
import { t } from "./views-texts";

export function ViewRow({ view, told }: { view: View; told: (sentence: string) => void }) {
  const doing = useSignal<"rename" | "delete" | null>(null);
  const name = useSignal(view.name);
  const problem = useSignal<Problem | null>(null);
  const isShared = view.sharing === "colleagues";
  const facts = { name: view.name };
  const run = async (work: Promise<unknown>, sentence: string) => {
    problem.value = null;
    try {
      await work;
      doing.value = null;
      told(sentence);
    } catch (error) {
      problem.value = asProblem(error);
    }
  };
  const rename = () => {
    const wanted = name.peek().trim();
    if (wanted) void run(changeView(view, { name: wanted }), t("views_page.renamed", { name: wanted }));
  };
  const share = (sharing: View["sharing"]) =>
    void run(changeView(view, { sharing }), t(`views_page.now_${sharing}`, facts));
  const mayShare = (ready(me.state.value)?.may.read_scenarios ?? "none") !== "none";
  return (
    <li>
      <div class="view-line">
        <a href={`#view=${view.uid}`}>{view.name}</a>
        <small>{[view.is_own ? "" : view.created_by, moment(view.updated_at)].filter(Boolean).join(" · ")}</small>
        {view.may_change && doing.value === null && (
          <span class="view-actions">
            <button type="button" aria-label={t("views_page.rename_one", facts)} onClick={() => start("rename")}>
              {t("views_page.rename")}
            </button>
            <button type="button" aria-label={t("views_page.delete_one", facts)} onClick={() => start("delete")}>
              {t("views_page.delete")}
            </button>
          </span>
        )}
      </div>
      {doing.value === "rename" && (
        <form
          class="view-line"
          onSubmit={(event) => {
            event.preventDefault();
            rename();
          }}
        >
          <input
            type="text"
            required
            maxLength={LONGEST_NAME}
            aria-label={t("views_page.new_name")}
            ref={focused}
            value={name.value}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value;
            }}
          />
          <button type="submit" class="primary">
            {t("views_page.keep_name")}
          </button>
          <button type="button" onClick={stop}>
            {t("views_page.back")}
          </button>
        </form>
      )}
      {doing.value === "delete" && (
        <p class="view-line">
          <span>{t("views_page.delete_sure", facts)}</span>
          <button
            type="button"
            class="primary"
            ref={focused}
            onClick={() => void run(deleteView(view), t("views_page.deleted", facts))}
          >
            {t("views_page.delete_yes")}
          </button>
          <button type="button" onClick={stop}>
            {t("views_page.back")}
          </button>
        </p>
      )}
      {view.may_change && (mayShare || isShared) && (
        <label class="check">
          <input
            type="checkbox"
            checked={isShared}
            onChange={({ currentTarget }) => share(currentTarget.checked ? "colleagues" : "private")}
          />
          {t("views_page.share", facts)}
        </label>
      )}
      {isShared && (
        <label class="choice">
          <span>{t("views_page.link", facts)}</span>
          <input
            type="text"
            readOnly={true}
            value={`${location.origin}/map#view=${view.uid}`}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </label>
      )}
      {problem.value && <ProblemNote problem={problem.value} />}
    </li>
  );

  function start(what: "rename" | "delete"): void {
    name.value = view.name;
    problem.value = null;
    doing.value = what;
  }

  function stop(): void {
    problem.value = null;
    doing.value = null;
  }
}

const focused = (element: HTMLElement | null) => element?.focus();
