/** Top bar, rail or bottom navigation, the page, and what may lie over all of them (palette, ended session, offline). */
import { Link, Outlet, useNavigate } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import type { Account } from "#server/api/contract.ts";
import { progressQuery, sessionQuery } from "../data/queries.ts";
import { home, signOut, useAccount, useExpired } from "../state/session.tsx";
import { useOnline } from "../state/hooks.ts";
import { recall, remember } from "../state/memory.ts";
import { setTheme, useTheme, type Theme } from "../state/theme.ts";
import { useWords } from "../texts/language.tsx";
import { Icon, type IconName } from "./icon.tsx";
import "./frame.css";

const Palette = lazy(() => import("./palette.tsx"));
const PasswordDialog = lazy(() => import("./password-dialog.tsx"));
const SessionEnded = lazy(() => import("./session-ended.tsx"));

type Place = { to: string; label: string; icon: IconName; exact?: boolean };
export function usePlaces(account: Account | undefined): Place[] {
  const { text } = useWords(), nav = text.patient.nav;
  if (!account) return [];
  if (account.role === "patient") return [
    { to: "/me", label: nav.home, icon: "home", exact: true }, { to: "/me/results", label: nav.results, icon: "results" },
    { to: "/me/medicines", label: nav.medicines, icon: "medicines" }, { to: "/me/ecgs", label: nav.ecgs, icon: "signal" }, { to: "/me/access", label: nav.access, icon: "access" },
  ];
  const people: Place = { to: "/people", label: text.nav.people, icon: "people" }, ledger: Place = { to: "/ledger", label: text.nav.ledger, icon: "ledger" }, signals: Place = { to: "/signals", label: text.nav.signals, icon: "signal" };
  return account.role === "practitioner" ? [{ to: "/worklist", label: text.nav.worklist, icon: "worklist" }, people, signals, ledger] : [people, signals, ledger, { to: "/administration", label: text.nav.administration, icon: "administration" }];
}

export function Frame() {
  const { text } = useWords(), account = useAccount(), expired = useExpired(), online = useOnline();
  const places = usePlaces(account), staff = account?.role !== "patient";
  const [palette, setPalette] = useState(false);
  const [narrow, setNarrow] = useState(() => recall("rail") === "narrow" || innerWidth < 1100);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => { if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); setPalette((open) => !open); } };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  const links = places.map((place) => <Link key={place.to} to={place.to} activeOptions={{ exact: place.exact ?? false, includeSearch: false }} activeProps={{ "aria-current": "page" }} aria-label={place.label} title={place.label}><Icon name={place.icon} /><span>{place.label}</span></Link>);
  return (
    <div className={`frame ${staff ? "staff" : "patient-frame"} ${narrow ? "narrow" : ""}`}>
      <a className="skip button" href="#main">{text.nav.skip}</a>
      <TopBar {...(account ? { account } : {})} onPalette={() => setPalette(true)} />
      <div className="notices">{!online && <p className="offline" role="status">{text.errors.offlineBar}</p>}<PopulationProgress /></div>
      <div className="frame-body">
        <nav className="rail" aria-label={text.nav.menu}>
          {links}
          <button type="button" className="rail-toggle" aria-expanded={!narrow} aria-label={narrow ? text.nav.expand : text.nav.collapse} title={narrow ? text.nav.expand : text.nav.collapse} onClick={() => { setNarrow(!narrow); remember("rail", narrow ? "wide" : "narrow"); }}><Icon name={narrow ? "expand" : "collapse"} /></button>
        </nav>
        <main id="main" tabIndex={0}><Outlet /></main>
      </div>
      <nav className="bottombar" aria-label={text.nav.menu}>{links}</nav>
      <Suspense>{palette && <Palette onClose={() => setPalette(false)} />}{expired && account && <SessionEnded account={account} />}</Suspense>
    </div>
  );
}

function TopBar({ account, onPalette }: { account?: Account; onPalette: () => void }) {
  const { text, say, language, setLanguage } = useWords(), node = useQuery(sessionQuery).data?.node;
  return (
    <header className="topbar">
      <Link to={account ? home(account) : "/"} className="brand" aria-label={text.product}><img src="/mark.svg" alt="" width="24" height="24" /><span>{text.product}</span></Link>
      {node && <span className="place" title={text.nav.place}>{say(node.name)}</span>}
      {account?.role !== "patient" && <button type="button" className="command" onClick={onPalette} aria-keyshortcuts="Control+K Meta+K"><Icon name="search" /><span>{text.nav.command}</span><kbd aria-hidden="true">{/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl "}K</kbd></button>}
      <button type="button" className="button quiet language" lang={language === "zh" ? "en" : "zh-CN"} onClick={() => setLanguage(language === "zh" ? "en" : "zh")}>{language === "zh" ? "English" : "中文"}</button>
      {account && <PersonMenu account={account} />}
    </header>
  );
}

function PersonMenu({ account }: { account: Account }) {
  const { text, say } = useWords(), theme = useTheme(), navigate = useNavigate();
  const [changing, setChanging] = useState(false), choices: Theme[] = ["system", "light", "dark"];
  return (
    <div className="person-menu">
      <button type="button" className="button quiet" popoverTarget="person-menu" aria-label={`${text.nav.person} ${say(account.display)}`}><Icon name="person" /><span className="person-name">{say(account.display)}</span></button>
      <div popover="auto" id="person-menu" className="menu">
        <p><span className="strong">{say(account.display)}</span><br /><span className="soft small">{text.role[account.role]} · {account.username}</span></p>
        <p className="label" id="theme-label">{text.nav.theme}</p>
        <div className="segments" role="group" aria-labelledby="theme-label">{choices.map((choice) => <button key={choice} type="button" aria-pressed={theme === choice} onClick={() => setTheme(choice)}>{text.nav[choice]}</button>)}</div>
        <button type="button" className="button" popoverTarget="person-menu" popoverTargetAction="hide" onClick={() => setChanging(true)}>{text.password.title}</button>
        <button type="button" className="button" onClick={() => void signOut().then(() => navigate({ to: "/signin" }))}>{text.nav.signOut}</button>
      </div>
      <Suspense>{changing && <PasswordDialog onClose={() => setChanging(false)} />}</Suspense>
    </div>
  );
}

/** The demo population streaming in behind the page; gone once complete. */
export function PopulationProgress() {
  const { text, say } = useWords(), session = useQuery(sessionQuery).data;
  const wanted = session?.node.demo === true && session.node.population?.finished !== true;
  const progress = useQuery({ ...progressQuery, enabled: wanted }).data ?? session?.node.population;
  if (!wanted || !progress || (progress.finished && !progress.failed)) return null;
  if (progress.failed) return <p className="offline" role="alert">{text.progress.failed} <span className="soft">{text.failures.original}: <span lang="en">{progress.failed}</span></span></p>;
  return (
    <div className="population"><span>{say(progress.label)}</span><progress value={progress.done} max={Math.max(progress.total, 1)} aria-label={text.progress.title} /><span className="soft">{text.progress.of(progress.done, progress.total)}</span></div>
  );
}
