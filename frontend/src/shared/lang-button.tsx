/** Switches to the other language, without a reload. */
import { chooseLang, type Lang, lang } from "./lang";

const OTHER: Record<Lang, { code: Lang; name: string; tag: string }> = {
  zh: { code: "en", name: "English", tag: "en" },
  en: { code: "zh", name: "中文", tag: "zh-CN" },
};

export function LangButton() {
  const other = OTHER[lang.value];
  return (
    <button
      type="button"
      class="lang"
      lang={other.tag}
      onClick={() => {
        chooseLang(other.code);
      }}
    >
      {other.name}
    </button>
  );
}
