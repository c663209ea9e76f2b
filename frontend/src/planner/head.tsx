/** Title, search and language. */
import { t } from "../i18n";
import { type Lang, lang } from "../shared/lang";
import { SearchBox } from "./search-box";

const OTHER: Record<Lang, { code: Lang; name: string; tag: string }> = {
  zh: { code: "en", name: "English", tag: "en" },
  en: { code: "zh", name: "中文", tag: "zh-CN" },
};

export function Head() {
  const other = OTHER[lang.value];
  return (
    <div class="head">
      <h1>{t("map.title")}</h1>
      <SearchBox />
      <button
        type="button"
        class="lang"
        lang={other.tag}
        onClick={() => {
          lang.value = other.code;
        }}
      >
        {other.name}
      </button>
    </div>
  );
}
