/** Text size and light or dark, as two rows of choices. */
import { chooseSize, chooseTheme, SIZES, size, THEMES, theme } from "../shared/looks";
import { type Key, t } from "./texts";

interface Props<T extends string> {
  label: Key;
  name: string;
  options: readonly T[];
  value: T;
  onChoose: (value: T) => void;
}

function Choice<T extends string>({ label, name, options, value, onChoose }: Props<T>) {
  return (
    <fieldset class="looks">
      <legend>{t(label)}</legend>
      {options.map((option) => (
        <label key={option}>
          <input type="radio" name={name} checked={option === value} onChange={() => onChoose(option)} />
          <span>{t(`${label}.${option}` as Key)}</span>
        </label>
      ))}
    </fieldset>
  );
}

export function LooksChoice() {
  return (
    <>
      <Choice label="shell.looks.size" name="looks-size" options={SIZES} value={size.value} onChoose={chooseSize} />
      <Choice
        label="shell.looks.theme"
        name="looks-theme"
        options={THEMES}
        value={theme.value}
        onChoose={chooseTheme}
      />
    </>
  );
}
