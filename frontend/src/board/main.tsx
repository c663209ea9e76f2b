/** The board of officials. */
import { effect } from "@preact/signals";
import { render } from "preact";
import { followInput } from "../shared/input-mode";
import { keepFocus } from "../shared/kept-focus";
import { lang, rememberLang } from "../shared/lang";
import "../shared/tokens.css";
import "../shared/base.css";
import "./board.css";
import { Board } from "./board";
import { connect } from "./state";
import { t } from "./texts";

followInput();
keepFocus();
rememberLang();
connect();
effect(() => {
  document.documentElement.lang = lang.value === "zh" ? "zh-CN" : "en";
  document.title = `${t("board.title")} · ${t("board.product")}`;
});

const root = document.getElementById("app");
if (root) render(<Board />, root);
