/** Rules an answer rests on: standard, clause, and a mark where a figure is still to be verified. */
import { t } from "../i18n";
import type { RuleCited } from "../shared/api";
import { say } from "../shared/lang";

export function RuleList({ rules }: { rules: readonly RuleCited[] }) {
  if (rules.length === 0) return null;
  return (
    <ul class="rules">
      {rules.map((rule) => (
        <li key={`${rule.id}@${rule.version}`}>
          <strong>{say(rule.name)}</strong>{" "}
          <span>{t("map.rule.cited", { standard: rule.standard, clause: rule.clause })}</span>
          {rule.to_verify.length > 0 && <ToVerify />}
        </li>
      ))}
    </ul>
  );
}

/** What is not confirmed against the text of the standard yet. */
export const ToVerify = () => (
  <abbr class="to-verify" title={t("map.rule.to_verify_why")}>
    {t("map.rule.to_verify")}
  </abbr>
);
