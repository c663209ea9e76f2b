/** Ctrl+Z and Ctrl+Y, ⌘Z and ⇧⌘Z. */

/** Boxes one types in undo their own typing. */
const TYPED = "textarea, input:not([type=checkbox]):not([type=radio]), [contenteditable]";

/** What Ctrl or ⌘ with Z or Y asks for; null for other keys, and where a box or an unopened form answers. */
export function undoing(event: KeyboardEvent): "undo" | "redo" | null {
  if (event.defaultPrevented || event.altKey || !(event.ctrlKey || event.metaKey)) return null;
  if (event.target instanceof Element && event.target.closest(TYPED)) return null;
  const key = event.key.toLowerCase();
  if (key === "y" || (key === "z" && event.shiftKey)) return "redo";
  return key === "z" ? "undo" : null;
}
