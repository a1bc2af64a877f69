/** Loading, empty, failed and missing, said honestly: what, why, what to do next. */
import { useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Problem, type Detail } from "../data/http.ts";
import { worded } from "../texts/failures.ts";
import { useWords } from "../texts/language.tsx";

/** Appears after 200 ms only (CSS), so that fast answers never flicker. */
export function Waiting({ lines = 4 }: { lines?: number }) {
  const { text } = useWords();
  return <div className="waiting" role="status" aria-label={text.common.loading}>{Array.from({ length: lines }, (_, i) => <div key={i} className="bone" />)}</div>;
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return <div className="empty"><div>{children}</div>{action}</div>;
}

export function ProblemNote({ error, retry }: { error: unknown; retry?: () => void }) {
  const { text } = useWords();
  const problem = error instanceof Problem ? error : new Problem(navigator.onLine ? "server" : "offline", 0, navigator.onLine && error instanceof Error ? [{ code: "exception", text: error.message }] : []);
  return (
    <div className="problem" role="alert">
      <p className="strong">{text.errors.title[problem.kind]}</p>
      {problem.details.length > 0 && <ul>{problem.details.slice(0, 5).map((detail, i) => <li key={i}><DetailWords detail={detail} /></li>)}</ul>}
      <p>{problem.retryAfterSeconds ? text.errors.wait(problem.retryAfterSeconds) : text.errors.next[problem.kind]}</p>
      {retry && <div><button type="button" className="button" onClick={retry}>{text.common.retry}</button></div>}
    </div>
  );
}

/** In the reader's language; what has no words of its own there is said by its code, the server's English beside it. */
function DetailWords({ detail: { why, code, text: original } }: { detail: Detail }) {
  const { text, language } = useWords(), words = why && worded(text.failures.reasons, why);
  if (words !== undefined) return <>{words}</>;
  const general = (text.failures.codes as Record<string, string>)[code];
  if (language === "en" || general === undefined) return <span lang="en">{original || general}</span>;
  return <>{general}{original && <> <span className="soft small">{text.failures.original}: <span lang="en">{original}</span></span></>}</>;
}

/** One question's answer, or the honest reason why not. Old data stay on the screen while a refresh fails. */
export function Answer<T>({ query, children, lines }: { query: UseQueryResult<T>; children: (data: T) => ReactNode; lines?: number }) {
  if (query.data !== undefined) return <>{query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}{children(query.data)}</>;
  if (query.error) return <ProblemNote error={query.error} retry={() => void query.refetch()} />;
  return <Waiting lines={lines} />;
}

export function PageProblem({ error }: { error: unknown }) {
  const router = useRouter(), client = useQueryClient();
  return <div className="page"><ProblemNote error={error} retry={() => { void client.invalidateQueries(); void router.invalidate(); }} /></div>;
}

export function NoPage() {
  const { text } = useWords();
  return <main className="page"><h1>{text.errors.noPage}</h1><p><Link to="/">{text.common.back}</Link></p></main>;
}
