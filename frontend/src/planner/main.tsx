/** The map page. */
import { effect } from "@preact/signals";
import { render } from "preact";
import { loadCatalogue } from "../data/catalogue";
import { loadMe } from "../data/me";
import { t } from "../i18n";
import { loadStyles } from "../map/style";
import { followInput } from "../shared/input-mode";
import { keepFocus } from "../shared/kept-focus";
import { lang, rememberLang } from "../shared/lang";
import "../shared/tokens.css";
import "../shared/base.css";
import "./planner.css";
import { connect } from "./address";
import { App } from "./app";
import { followEditing } from "./edit-tab";
import { startLayers } from "./layer-groups";
import { followTool } from "./tool-work";
import { work } from "./work";

void loadMe(); // first: what is asked for by the address waits for the proof that comes with it
followInput();
keepFocus();
rememberLang();
connect();
effect(() => {
  document.documentElement.lang = lang.value === "zh" ? "zh-CN" : "en";
  document.title = t("map.title");
});
startLayers();
work();
followTool();
followEditing();
void loadStyles();
void loadCatalogue();

const root = document.getElementById("app");
if (root) render(<App />, root);
