/** A few steps around the map page; a card at the edge that blocks nothing, what it speaks of is framed. */
import { useEffect, useState } from "preact/hooks";
import "./help.css";
import { t } from "./box-texts";
import { endTour } from "./tour-state";

const STEPS = [
  { text: "shell.tour.choose", target: "#choose, .sheet" },
  { text: "shell.tour.map", target: ".map-area" },
  { text: "shell.tour.search", target: ".shell .search" },
  { text: "shell.tour.help", target: ".shell-end, .shell > .bar-button" },
] as const;

const LOOK_MS = 200;

export default function Tour() {
  const [step, setStep] = useState(0);
  const now = STEPS[step] ?? STEPS[0];
  useEffect(() => {
    let target: Element | null = null;
    const frame = () => {
      target = document.querySelector(now.target);
      target?.classList.add("is-shown-by-tour");
    };
    frame();
    // the page may still be on its way
    const timer = setInterval(() => (target ? clearInterval(timer) : frame()), LOOK_MS);
    return () => {
      clearInterval(timer);
      target?.classList.remove("is-shown-by-tour");
    };
  }, [now]);
  const isLast = step === STEPS.length - 1;
  return (
    <section
      class="tour"
      aria-label={t("shell.tour")}
      onKeyDown={(event) => {
        if (event.key === "Escape") endTour();
      }}
    >
      <p class="tour-step">{t("shell.tour.step", { step: step + 1, all: STEPS.length })}</p>
      <p role="status">{t(now.text)}</p>
      <p class="tour-buttons">
        {!isLast && (
          <button type="button" onClick={endTour}>
            {t("shell.tour.skip")}
          </button>
        )}
        <button type="button" class="primary" onClick={isLast ? endTour : () => setStep(step + 1)}>
          {t(isLast ? "shell.tour.end" : "shell.tour.next")}
        </button>
      </p>
    </section>
  );
}
