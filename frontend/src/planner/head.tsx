/** Title, search, language and who is signed in. */
import { me } from "../data/me";
import { t } from "../i18n";
import { LangButton } from "../shared/lang-button";
import { ready } from "../shared/loadable";
import { isNarrow } from "../shared/narrow";
import { SearchBox } from "./search-box";

export function Head() {
  return (
    <div class="head">
      <h1>{t("map.title")}</h1>
      <SearchBox />
      {!isNarrow.value && (
        <a class="who" href="/board">
          {t("map.board_link")}
        </a>
      )}
      <Who />
      <LangButton />
    </div>
  );
}

/** Nothing while there are no accounts: then the browser of this machine is its own administrator. */
function Who() {
  const who = ready(me.state.value);
  if (!who || who.via === "local") return null;
  return (
    <a class="who" href="/account" title={t("map.account")}>
      {who.display_name ?? who.name}
    </a>
  );
}
