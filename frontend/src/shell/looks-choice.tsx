/** Text size and light or dark, as two rows of choices. */
import { useLayoutEffect, useRef } from "preact/hooks";
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
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    // the head was made anew for the size that was chosen: whoever chose goes on there
    if (document.activeElement === document.body) box.current?.querySelector<HTMLElement>("input:checked")?.focus();
  }, []);
  return (
    <div ref={box}>
      <Choice label="shell.looks.size" name="looks-size" options={SIZES} value={size.value} onChoose={chooseSize} />
      <Choice
        label="shell.looks.theme"
        name="looks-theme"
        options={THEMES}
        value={theme.value}
        onChoose={chooseTheme}
      />
    </div>
  );
}
