/** The password once more, before what a stolen session must not do. */
import { Field } from "./field";
import { t } from "./texts";

export function PasswordAgain({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  return (
    <Field
      label={t("desk.old_password")}
      hint={t("desk.password_again_hint")}
      type="password"
      value={value}
      onValue={onValue}
      autoComplete="current-password"
    />
  );
}
