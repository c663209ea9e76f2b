/** The pages beside the map: sign-in, password, one's account, everybody's accounts, review of photos, audit. */
import { effect } from "@preact/signals";
import { render } from "preact";
import { followInput } from "../shared/input-mode";
import { lang, rememberLang } from "../shared/lang";
import "../shared/tokens.css";
import "../shared/base.css";
import "./desk.css";
import { Desk, pageAt } from "./desk";
import { t } from "./texts";

followInput();
rememberLang();
effect(() => {
  document.documentElement.lang = lang.value === "zh" ? "zh-CN" : "en";
  document.title = `${t(pageAt(window.location.pathname).title)} · ${t("desk.product")}`;
});

const root = document.getElementById("app");
if (root) render(<Desk />, root);
