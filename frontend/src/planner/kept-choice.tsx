/** Coverage for who may read but not compute: the kept results to choose from. */
import { batch } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { profileNamed } from "../data/catalogue";
import { type KeptRun, keptRuns } from "../data/runs";
import { t as say } from "../i18n";
import { title } from "../shared/lang";
import { ready, resource } from "../shared/loadable";
import { byLabel } from "./by-options";
import { Choice } from "./coverage-panel";
import { chosen, isAbout, type Question, questionOf } from "./kept-coverage";
import { t } from "./public-texts";
import * as state from "./state";

const kept = resource<KeptRun[]>();

export default function KeptChoice() {
  useEffect(() => void kept.load((signal) => keptRuns("coverage", signal)), []);
  const runs = ready(kept.state.value);
  if (!runs) return null;
  const of = state.category.value;
  const having = runs.filter((run) => isAbout(run, of));
  const questions = new Map(having.map(({ parameters }) => [JSON.stringify(questionOf(parameters)), parameters]));
  if (questions.size === 0) return <p class="note">{t("kept.none")}</p>;
  const now = chosen();
  const options = [...questions].map(([value, asked]) => ({ value, label: said(questionOf(asked)) }));
  const isThere = questions.has(now);
  return (
    <Choice
      label={t("kept.choose")}
      value={isThere ? now : ""}
      options={isThere ? options : [{ value: "", label: t("kept.other") }, ...options]}
      note={t("kept.hint")}
      onChange={(value) => value && show(JSON.parse(value) as Question)}
    />
  );
}

function said({ limit, profile, by, at }: Question): string {
  const strict = "strict" in limit && limit.strict;
  const minutes = say(strict ? "map.coverage.strict" : "map.unit.minutes", { minutes: limit.minutes });
  const words = [say(`map.coverage.kind_${limit.kind}`), minutes, byLabel(by), title(profileNamed(profile)?.label), at];
  return words.filter(Boolean).join(" · ");
}

const show = ({ limit, profile, by, at }: Question): void =>
  batch(() => {
    state.limit.value = limit;
    state.profile.value = profile;
    state.by.value = by;
    state.time.value = at;
  });
