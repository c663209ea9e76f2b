/** The menu of analyses and the one that is open. */
import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { t } from "../i18n";
import { isNarrow } from "../shared/narrow";
import { ProblemNote } from "./problem-note";
import * as state from "./state";
import { fetchAgain, openedPart } from "./tool-work";

export function ToolMenu() {
  return (
    <div class="stack">
      <h2>{t("map.tools.title")}</h2>
      <p class="hint">{t("map.tools.hint")}</p>
      <ul class="tools">
        {state.TOOLS.map((name) => (
          <li key={name}>
            <button
              type="button"
              id={`tool-${name}`}
              aria-pressed={state.tool.value?.name === name}
              onClick={() => state.openTool(name)}
            >
              <strong>{t(`map.tool.${name}`)}</strong>
              <small>{t(`map.tool.${name}_what`)}</small>
            </button>
          </li>
        ))}
      </ul>
      <p>
        <a href="/board">{t("map.tools.board")}</a>
      </p>
    </div>
  );
}

export function ToolPanel() {
  const heading = useRef<HTMLHeadingElement>(null);
  const last = useRef<string | null>(null);
  useSignalEffect(() => {
    const name = state.tool.value?.name ?? null;
    const isOther = name !== null && name !== last.current;
    last.current = name;
    // whoever opened it by keyboard, from the menu or from another analysis, goes on in it
    if (isKeyboard() && (isMenuFocused() || (isOther && isFocusIn(".tool")))) heading.current?.focus();
  });
  const open = state.tool.value;
  if (!open) return isNarrow.value ? <ToolMenu /> : <p class="hint">{t("map.tools.hint")}</p>;
  const answer = openedPart.value;
  const Part = answer.status === "ready" && answer.value.name === open.name ? answer.value.part.Panel : null;
  return (
    <div class="stack tool">
      <div class="details-head">
        <h2 ref={heading} tabIndex={-1}>
          {t(`map.tool.${open.name}`)}
        </h2>
        <button type="button" class="close" aria-label={t("map.tools.close")} onClick={() => leave(open.name)}>
          ×
        </button>
      </div>
      {Part && <Part />}
      {answer.status === "loading" && <p role="status">{t("map.details.loading")}</p>}
      {answer.status === "failed" && <ProblemNote problem={answer.problem} retry={fetchAgain} />}
    </div>
  );
}

const isKeyboard = () => document.documentElement.dataset.input === "keyboard";
const isFocusIn = (where: string) => document.activeElement?.closest(where) != null;
const isMenuFocused = () => state.tool.peek() !== null && isFocusIn(".tools");

/** Closes an analysis; whoever did so by keyboard is back at its entry in the menu. */
function leave(name: string): void {
  state.closeTool();
  if (isKeyboard()) requestAnimationFrame(() => document.getElementById(`tool-${name}`)?.focus());
}

export function ToolLegend({ isOpen }: { isOpen: boolean }) {
  const answer = openedPart.value;
  const Legend = answer.status === "ready" ? answer.value.part.Legend : null;
  return Legend && <Legend isOpen={isOpen} />;
}
