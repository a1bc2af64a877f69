/** The patient's own pages: plain words, phone first. The frame's bottom bar moves between them. */
import { Outlet } from "@tanstack/react-router";
import { Panel } from "../../components/panel.tsx";
import { useTitle } from "../../state/hooks.ts";
import { useAccount } from "../../state/session.tsx";
import { useWords } from "../../texts/language.tsx";
import "./patient.css";

/** Id of the Patient resource that the signed-in person is. */
export function useOwnId(): string {
  return useAccount()?.agent.split("/")[1] ?? "";
}

export function Patient() {
  const { text } = useWords();
  useTitle(text.common.page(text.patient.nav.home));
  return <div className="patient-body"><div className="patient-page"><Outlet /><footer className="soft small">{text.notice} {text.patient.ask}</footer></div><Panel /></div>;
}
