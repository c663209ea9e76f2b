/** Latitude was written first: the other order is offered, nothing is turned round by itself. */
import { t } from "./texts";

export function SwapOffer({ text, take }: { text: string | null; take: (() => void) | null }) {
  if (!take) return null;
  return (
    <p class="note edit-swap" role="status">
      {t("edit.swapped")}{" "}
      <button type="button" onClick={take}>
        {text === null ? t("edit.swap_all") : t("edit.swap", { place: text })}
      </button>
    </p>
  );
}
