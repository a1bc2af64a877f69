/** My health in short: what the record says now, what is worth talking about, and who stands behind each statement. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { PanelLink } from "../../components/panel.tsx";
import { Answer, ProblemNote, Waiting } from "../../components/states.tsx";
import { UrgencyMark } from "../../components/urgency.tsx";
import { draftsQuery, findingsQuery, storyboardQuery } from "../../data/queries.ts";
import { useWords } from "../../texts/language.tsx";
import { byUrgency, newestOfEach } from "../../findings/order.ts";
import { useOwnId } from "./patient.tsx";
import { Risk } from "./risk.tsx";

export function Home() {
  const { text, say, format } = useWords(), words = text.patient, id = useOwnId();
  const story = useQuery(storyboardQuery(id)), findings = useQuery(findingsQuery(id)), drafts = useQuery(draftsQuery(id));
  const signed = drafts.data?.filter((draft) => draft.signature).sort((a, b) => b.signature!.when.localeCompare(a.signature!.when))[0];
  if (!story.data && !story.error) return <Waiting />;
  const computed = findings.data ? newestOfEach(byUrgency(findings.data)).filter((view) => view.finding.outcome === "computed") : [];
  const needs = computed.filter((view) => view.finding.urgency !== "routine"), pressing = computed.filter((view) => view.finding.urgency === "urgent" || view.finding.urgency === "emergency").length, risk = computed.find((view) => view.finding.probability !== undefined && (view.finding.horizonYears ?? 0) > 1);
  return (
    <Answer query={story}>{({ person, problems, allergies, allergiesKnown }) => (
      <>
        <header className="section"><h1>{words.hello(say(person.name))}</h1></header>
        <section className="section" aria-labelledby="short"><h2 id="short">{words.answerFrom}</h2>{findings.data && <p className="me-answer">{computed.length === 0 ? words.notYet : words.summary(pressing, needs.length - pressing, computed.filter((view) => view.finding.urgency === "emergency").length)}</p>}{findings.error && !findings.data && <ProblemNote error={findings.error} />}</section>
        {signed?.signature
          ? <section className="assertion human-signed"><p className="assertion-mark">✓ {words.signed}</p><p>{words.signedText(say(signed.signature.who), format.date(signed.signature.when))}</p><p><Link to="/me/summary" className="plain-link">{words.readSummary}</Link></p></section>
          : drafts.data && <p className="soft">{words.noSigned}</p>}
        <section className="section" aria-labelledby="needs"><h2 id="needs">{words.needs}</h2>
          {!findings.data ? null : computed.length === 0 ? <p>{words.notYet}</p> : needs.length === 0 ? <p>{words.allWell}</p> : <><p className="soft">{words.machineText}</p><ul className="section">{needs.slice(0, 5).map((view) => <li key={view.reference} className="assertion machine-made"><UrgencyMark urgency={view.finding.urgency} /><p className="strong"><PlainMethod id={view.finding.method.id} /></p><p><span className="soft">{words.doctorWords}</span> {say(view.finding.statement)}</p><p><PanelLink to={{ why: view.reference }} className="plain-link">{words.moreAbout}</PanelLink></p></li>)}</ul></>}</section>
        {risk && <Risk view={risk} patient={id} />}
        <section className="section" aria-labelledby="problems"><h2 id="problems">{words.problems}</h2>{problems.length === 0 ? <p>{words.noProblems}</p> : <ul className="plain-list">{problems.map((problem) => <li key={problem.reference}><span>{say(problem.label)}{problem.since && <span className="soft"> {text.common.since(format.date(problem.since))}</span>}</span></li>)}</ul>}</section>
        <section className="section" aria-labelledby="allergies"><h2 id="allergies">{words.allergies}</h2>{allergies.length === 0 ? <p>{allergiesKnown ? text.person.noAllergies : text.person.allergiesUnknown}</p> : <ul className="plain-list">{allergies.map((allergy) => <li key={allergy.reference}>{say(allergy.label)}</li>)}</ul>}</section>
      </>)}</Answer>
  );
}

/** What a method is about in plain words, by the start of its id; nothing when it has no plain words yet. */
export function PlainMethod({ id }: { id: string }) {
  const { text } = useWords(), key = Object.keys(text.patient.plain).find((name) => id.toLowerCase().startsWith(name));
  return key ? <>{text.patient.plain[key]}</> : null;
}
