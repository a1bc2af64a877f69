/** The administrator's page: is the node well, who may sign in. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { NodeView } from "#server/api/contract.ts";
import { Answer } from "../../components/states.tsx";
import { nodeQuery } from "../../data/queries.ts";
import { useTitle } from "../../state/hooks.ts";
import { useWords } from "../../texts/language.tsx";
import { Accounts } from "./accounts.tsx";
import "./administration.css";

export function Administration() {
  const { text } = useWords(), words = text.administration, query = useQuery(nodeQuery);
  useTitle(text.common.page(words.title));
  return <div className="page"><Answer query={query}>{(node) => <Node node={node} />}</Answer><Accounts /></div>;
}

function Node({ node }: { node: NodeView }) {
  const { text, say, format } = useWords(), words = text.administration, { ledger, database, population } = node;
  const unfinished = population !== undefined && !population.finished;
  return (
    <>
      <header className="section"><h1>{population?.failed !== undefined ? text.progress.failed : unfinished ? words.filling(say(node.name)) : words.running(say(node.name))}</h1>
        <p className="soft">{words.since(format.dateTime(node.started))}</p></header>
      <section className="section" aria-labelledby="node"><h2 id="node">{words.node}</h2>
        <dl className="sheet pad facts">
          <dt>{words.version}</dt><dd>Salus {node.version} · Node.js {node.node}</dd>
          <dt>{words.database}</dt><dd>PostgreSQL {database.postgres} · {database.embedded ? words.embedded : words.own} · {format.bytes(database.bytes)}</dd>
          <dt>{text.nav.ledger}</dt><dd><Link to="/ledger">{words.entries(ledger.size)}</Link>{ledger.pending > 0 && <span className="soft small"> · {text.ledger.pending}: {format.number(ledger.pending)}</span>}</dd>
          <dt>{words.checkpoint}</dt><dd>{ledger.checkpoint ? words.checkpointOf(format.number(ledger.checkpoint.size), format.dateTime(ledger.checkpoint.at)) : words.noCheckpoint}</dd>
          <dt>{words.jobs}</dt><dd>{population ? <span className="row"><span>{say(population.label)}</span><progress value={population.done} max={Math.max(1, population.total)} aria-label={text.progress.title} /><span className="soft">{population.failed !== undefined ? text.progress.failed : population.finished ? words.complete(format.number(population.done)) : text.progress.of(population.done, population.total)}</span></span> : <span className="soft">{words.noJobs}</span>}</dd>
        </dl></section>
    </>
  );
}
