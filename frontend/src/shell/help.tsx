/** Help: what one can do here, with small pictures, and the keys. */
import { Dialog } from "./dialog";
import "./help.css";
import { type Key, t } from "./box-texts";
import { helpIsOpen, keysOn, useKeys } from "./keys";
import { tourIsOpen } from "./tour-state";

const TOPICS = ["choose", "why", "act", "try", "find"] as const;
type Topic = (typeof TOPICS)[number];

const KEYS: [keys: string, does: Key][] = [
  ["/", "shell.help.key.search"],
  ["?", "shell.help.key.help"],
  ["M", "shell.help.key.map"],
  ["L", "shell.help.key.list"],
  ["← ↑ → ↓", "shell.help.key.arrows"],
  ["+ −", "shell.help.key.zoom"],
  ["Enter", "shell.help.key.enter"],
  ["Tab, Shift+Tab", "shell.help.key.tab"],
  ["Esc", "shell.help.key.escape"],
];

export default function Help() {
  const close = () => {
    helpIsOpen.value = false;
  };
  return (
    <Dialog label={t("shell.help.title")} onClose={close}>
      {TOPICS.map((topic) => (
        <section key={topic} class="topic">
          <Picture topic={topic} />
          <div>
            <h3>{t(`shell.help.${topic}`)}</h3>
            <p>{t(`shell.help.${topic}_what`)}</p>
          </div>
        </section>
      ))}
      {window.location.pathname === "/map" && (
        <p>
          <button
            type="button"
            onClick={() => {
              close();
              tourIsOpen.value = true;
            }}
          >
            {t("shell.help.tour")}
          </button>
        </p>
      )}
      <section>
        <h3>{t("shell.help.keys")}</h3>
        <table class="keys">
          <thead>
            <tr>
              <th scope="col">{t("shell.help.key")}</th>
              <th scope="col">{t("shell.help.does")}</th>
            </tr>
          </thead>
          <tbody>
            {KEYS.map(([keys, does]) => (
              <tr key={keys}>
                <th scope="row">
                  <kbd>{keys}</kbd>
                </th>
                <td>{t(does)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <label class="keys-on">
          <input type="checkbox" checked={keysOn.value} onChange={(event) => useKeys(event.currentTarget.checked)} />
          <span>{t("shell.help.keys_on")}</span>
        </label>
      </section>
    </Dialog>
  );
}

/** Drawings in the colours of the page; they say nothing the words do not. */
function Picture({ topic }: { topic: Topic }) {
  return (
    <svg class="picture" viewBox="0 0 96 64" aria-hidden="true">
      <rect class="p-ground" width="96" height="64" rx="4" />
      {topic === "choose" && (
        <>
          <rect class="p-paper" x="4" y="4" width="30" height="56" />
          <rect class="p-line" x="8" y="10" width="22" height="6" />
          <rect class="p-accent" x="8" y="22" width="22" height="6" />
          <rect class="p-line" x="8" y="34" width="22" height="6" />
          <path class="p-good" d="M40 8h24v22H40z" />
          <path class="p-short" d="M66 8h24v22H66z" />
          <path class="p-line" d="M40 32h50v24H40z" />
        </>
      )}
      {topic === "why" && (
        <>
          <path class="p-street" d="M8 50H48V16H84" />
          <path class="p-route" d="M16 50H48V16H78" />
          <rect class="p-house" x="8" y="38" width="14" height="9" />
          <circle class="p-good" cx="80" cy="16" r="7" />
        </>
      )}
      {topic === "act" && (
        <>
          <rect class="p-paper" x="6" y="6" width="52" height="52" />
          <rect class="p-short" x="10" y="12" width="40" height="7" />
          <rect class="p-short" x="10" y="25" width="28" height="7" />
          <rect class="p-short" x="10" y="38" width="16" height="7" />
          <path class="p-arrow" d="M62 32h14m-6-6 6 6-6 6" />
          <path class="p-accent" d="M80 20h10v24H80z" />
        </>
      )}
      {topic === "try" && (
        <>
          <rect class="p-house" x="8" y="14" width="12" height="9" />
          <rect class="p-house" x="26" y="14" width="12" height="9" />
          <rect class="p-house" x="8" y="40" width="12" height="9" />
          <circle class="p-new" cx="64" cy="32" r="12" />
          <path class="p-plus" d="M64 26v12M58 32h12" />
          <path class="p-moved" d="M22 44C36 52 46 48 52 40M40 20C48 20 52 24 54 27" />
        </>
      )}
      {topic === "find" && (
        <>
          <rect class="p-paper" x="8" y="22" width="80" height="20" rx="4" />
          <circle class="p-glass" cx="20" cy="31" r="5" />
          <path class="p-glass" d="M24 35l4 4" />
          <rect class="p-line" x="34" y="29" width="44" height="5" />
        </>
      )}
    </svg>
  );
}
