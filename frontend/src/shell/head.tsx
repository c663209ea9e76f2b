/** The head of every page: name, pages, area, search, what is going on, help, display, language, account. */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { signOut } from "../data/accounts";
import { me } from "../data/me";
import { LangButton } from "../shared/lang-button";
import { ready } from "../shared/loadable";
import { isNarrow } from "../shared/narrow";
import { signIn } from "../shared/request";
import { type AreaChoice, AreaSwitch } from "./area-switch";
import { AwayBanner } from "./away-banner";
import "./head.css";
import { helpIsOpen } from "./keys";
import { lazy } from "./lazy";
import { LooksChoice } from "./looks-choice";
import { followNews, freshCount, running, waitingCount } from "./news";
import { linkTo, mayDo, pagesOf } from "./pages";
import { Popover } from "./popover";
import { onMap, SearchBox, type Target } from "./search-box";
import { t } from "./texts";
import { offerTour, tourIsOpen } from "./tour-state";
import { isCompact } from "./width";

const Activity = lazy(() => import("./activity"));
const Help = lazy(() => import("./help"));
const Tour = lazy(() => import("./tour"));

export interface HeadProps {
  /** The path of this page. */
  path: string;
  /** Whether the product's name is the heading of this page. */
  isTitle?: boolean;
  /** Left out where areas narrow nothing. */
  area?: AreaChoice;
  /** What a chosen hit does; without it the map shows it. */
  onTarget?: (target: Target) => void;
  /** Without it nobody is asked who is signed in: the page is for those who are not. */
  isOpen?: boolean;
}

export function Head({ path, isTitle = false, area, onTarget, isOpen = false }: HeadProps) {
  const Name = isTitle ? "h1" : "p";
  const who = ready(me.state.value);
  useEffect(() => (isOpen ? undefined : followNews(who)), [who, isOpen]);
  useEffect(() => {
    if (who && path === "/map") offerTour();
  }, [who, path]);
  return (
    <div class="shell">
      <Name class="shell-name">{isTitle ? t("shell.product") : <a href="/map">{t("shell.product")}</a>}</Name>
      {isOpen ? (
        <Closed />
      ) : isCompact.value ? (
        <Compact {...{ path, area, onTarget }} />
      ) : (
        <Wide {...{ path, area, onTarget }} />
      )}
      <AwayBanner />
      {tourIsOpen.value && <Tour />}
      {helpIsOpen.value && <Help />}
    </div>
  );
}

/** Whether the display is being chosen: a larger text turns the wide head into the other one, which goes on there. */
const looksAreOpen = signal(false);

type Inner = Pick<HeadProps, "path" | "area" | "onTarget">;

const leave = (target: Target): void => window.location.assign(onMap(target));

/** Before signing in: only how the page looks. */
function Closed() {
  return (
    <div class="shell-end">
      <Looks />
      <LangButton />
    </div>
  );
}

function Wide({ path, area, onTarget = leave }: Inner) {
  return (
    <>
      <Pages path={path} area={area?.code ?? null} />
      {area && <AreaSwitch {...area} />}
      <SearchBox onTarget={onTarget} />
      <div class="shell-end">
        <Now />
        <Looks />
        <HelpButton />
        <Who />
        <LangButton />
      </div>
    </>
  );
}

/** On a phone, or with large type: name and search, all else behind one button. */
function Compact({ path, area, onTarget = leave }: Inner) {
  const [isShown, keepShown] = useState(looksAreOpen.peek());
  const setShown = (now: boolean) => {
    keepShown(now);
    looksAreOpen.value = now;
  };
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isShown) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      setShown(false);
      button.current?.focus();
    };
    const onElsewhere = (event: Event) => {
      const at = event.target as Node;
      if (!box.current?.contains(at) && !button.current?.contains(at)) setShown(false);
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", onElsewhere, true);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", onElsewhere, true);
    };
  }, [isShown]);
  return (
    <>
      <SearchBox onTarget={onTarget} />
      {!isNarrow.value && <Now />}
      <button
        type="button"
        class="bar-button"
        ref={button}
        aria-expanded={isShown}
        aria-controls="shell-menu"
        onClick={() => setShown(!isShown)}
      >
        {t("shell.menu")}
        {isNarrow.value && <Dot />}
      </button>
      <div class="shell-menu" id="shell-menu" ref={box} hidden={!isShown}>
        <Pages path={path} area={area?.code ?? null} />
        {area && <AreaSwitch {...area} isInMenu onChosen={() => setShown(false)} />}
        {isNarrow.value && <NowInMenu />}
        <LooksChoice />
        <div class="shell-row">
          <HelpButton />
          <Who />
          <LangButton />
        </div>
      </div>
    </>
  );
}

function Pages({ path, area }: { path: string; area: string | null }) {
  const who = ready(me.state.value);
  return (
    <nav class="shell-pages" aria-label={t("shell.pages")}>
      <ul>
        {pagesOf(who).map((page) => (
          <li key={page.path}>
            <a
              href={page.path === path ? path : linkTo(page.path, area)}
              aria-current={page.path === path ? "page" : undefined}
            >
              {t(page.label)}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Looks() {
  return (
    <Popover
      label={t("shell.looks")}
      isOpenAtFirst={looksAreOpen.peek()}
      onChange={(isOpen) => {
        looksAreOpen.value = isOpen;
      }}
    >
      {() => <LooksChoice />}
    </Popover>
  );
}

function HelpButton() {
  return (
    <button
      type="button"
      class="bar-button"
      onClick={() => {
        helpIsOpen.value = true;
      }}
    >
      {t("shell.help")}
    </button>
  );
}

const mayAsk = (): boolean => mayDo(ready(me.state.value), "analyse");

/** What is being computed or newly done, and what waits for one's hand: each in words, never added up. */
function Counts() {
  const said = saidNow();
  return said.map(({ kind, words }) => (
    <span key={kind} class={`count count-${kind}`}>
      {words}
    </span>
  ));
}

function saidNow(): { kind: "work" | "mine"; words: string }[] {
  if (!mayAsk()) return [];
  const [now, fresh, mine] = [running.value.length, freshCount.value, waitingCount.value];
  const work = now > 0 ? t("shell.now.count_running", { count: now }) : t("shell.now.count_fresh", { count: fresh });
  return [
    ...(now + fresh > 0 ? [{ kind: "work" as const, words: work }] : []),
    ...(mine > 0 ? [{ kind: "mine" as const, words: t("shell.now.count_mine", { count: mine }) }] : []),
  ];
}

/** On a phone the menu's button only says that there is something, in words for who does not see it. */
function Dot() {
  const said = saidNow();
  if (said.length === 0) return null;
  return (
    <span class="dot">
      <span class="visually-hidden">{said.map(({ words }) => words).join(", ")}</span>
    </span>
  );
}

/** What is going on; for those who may have something computed. */
function Now() {
  if (!mayAsk()) return null;
  const face = (
    <>
      {t("shell.now")}
      <Counts />
    </>
  );
  return (
    <Popover label={t("shell.now")} face={face}>
      {() => <Activity />}
    </Popover>
  );
}

function NowInMenu() {
  const [isOpen, setOpen] = useState(false);
  if (!mayAsk()) return null;
  return (
    <div>
      <button type="button" class="bar-button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t("shell.now")}
        <Counts />
      </button>
      {isOpen && <Activity />}
    </div>
  );
}

/** Nothing while there are no accounts: then the browser of this machine is its own administrator. */
function Who() {
  const who = ready(me.state.value);
  if (!who || who.via === "local") return null;
  if (who.role === "anonymous")
    return (
      <button type="button" class="bar-button" onClick={signIn}>
        {t("shell.sign_in")}
      </button>
    );
  return (
    <>
      <a class="who" href="/account" title={t("shell.account")}>
        {who.display_name ?? who.name}
      </a>
      {who.via === "browser" && (
        <button type="button" class="bar-button" onClick={() => void goOut()}>
          {t("shell.sign_out")}
        </button>
      )}
    </>
  );
}

async function goOut(): Promise<void> {
  await signOut().catch(() => undefined);
  window.location.assign("/sign-in");
}
