/** Which page an address is, and the frame all of them share. */
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { loadMe, me } from "../data/me";
import { Head } from "../shell/head";
import { AccountPage } from "./account-page";
import { AccountsPage } from "./accounts-page";
import { AuditPage } from "./audit-page";
import { Fault } from "./fault";
import { PhotosPage } from "./photos-page";
import { SetPasswordPage } from "./set-password-page";
import { SignInPage } from "./sign-in-page";
import { type Key, t } from "./texts";

interface Page {
  path: string;
  title: Key;
  Body: ComponentType;
  /** Needs nobody signed in. */
  open?: boolean;
  /** The story one must have. */
  story?: string;
}

const SIGN_IN: Page = { path: "/sign-in", title: "desk.sign_in.title", Body: SignInPage, open: true };
const PAGES: Page[] = [
  SIGN_IN,
  { path: "/set-password", title: "desk.set_password.title", Body: SetPasswordPage, open: true },
  { path: "/account", title: "desk.account.title", Body: AccountPage, story: "own_account" },
  { path: "/admin/accounts", title: "desk.accounts.title", Body: AccountsPage, story: "manage_accounts" },
  { path: "/photos", title: "desk.photos.title", Body: PhotosPage, story: "review_photos" },
  { path: "/audit", title: "desk.audit.title", Body: AuditPage, story: "read_audit" },
];

export const pageAt = (path: string): Page => PAGES.find((page) => page.path === path) ?? SIGN_IN;

export function Desk() {
  const page = pageAt(window.location.pathname);
  useEffect(() => {
    if (!page.open) void loadMe();
  }, [page]);
  return (
    <div class="desk">
      <a class="skip" href="#content">
        {t("desk.skip")}
      </a>
      <header>
        <Head path={page.path} isOpen={page.open} />
      </header>
      <main id="content" tabIndex={-1} class={page.open ? "desk-narrow" : ""}>
        <h1>{t(page.title)}</h1>
        {page.open ? <page.Body /> : <Signed page={page} />}
      </main>
    </div>
  );
}

/** The body once it is known who asks. */
function Signed({ page }: { page: Page }) {
  const answer = me.state.value;
  if (answer.status === "failed") return <Fault problem={answer.problem} retry={() => void loadMe()} />;
  if (answer.status !== "ready") return <p role="status">{t("desk.loading")}</p>;
  const reach = page.story ? (answer.value.may[page.story] ?? "none") : "all";
  const isWhole = answer.value.second_factor === "none" || answer.value.second_factor === "on";
  if (!isWhole && page.path !== "/account") {
    window.location.assign("/account");
    return null;
  }
  if (reach === "none") return <p class="note note-bad">{t("desk.not_yours")}</p>;
  return <page.Body />;
}
