/** Focus that would be lost: what has it and goes leaves it to what it stood in, so that Tab goes on from there. */

const isKeyboard = (): boolean => document.documentElement.dataset.input === "keyboard";

/** Whether somebody goes by keyboard and what had the focus is gone. */
export const isFocusLost = (): boolean => isKeyboard() && document.activeElement === document.body;

/** The last resort: whoever knows better where to go on (the form that opens) says so in a layout effect, before this. */
export function keepFocus(): void {
  let path: HTMLElement[] = [];
  document.addEventListener("focusin", ({ target }) => {
    path = [];
    for (let one = target as HTMLElement | null; one && one !== document.body; one = one.parentElement) path.push(one);
  });
  const hand = () => {
    const [last, ...around] = path;
    if (!last || !isKeyboard() || (last.isConnected && !last.matches(":disabled"))) return;
    if (![last, document.body].includes(document.activeElement as HTMLElement)) return;
    const left = around.find(({ isConnected }) => isConnected);
    if (!left || left.id === "app") return;
    const next = left.closest<HTMLElement>("[role=application]") ?? left;
    if (!next.hasAttribute("tabindex")) {
      next.tabIndex = -1;
      next.addEventListener("blur", () => next.removeAttribute("tabindex"), { once: true });
    }
    next.focus({ preventScroll: true });
  };
  new MutationObserver(hand).observe(document.body, {
    childList: true,
    subtree: true,
    attributeFilter: ["disabled"],
  });
}
