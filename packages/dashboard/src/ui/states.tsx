import type { ReactNode } from 'react';
import { OUTDATED, Problem } from '../api/client.ts';
import { useDatabase } from '../api/gateway.ts';
import { Button } from './button.tsx';
import { Card, Empty, Note } from './layout.tsx';

/** What a query looks like to those who show it. */
interface Asked<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

/** Shows an answer; until it is there its outline, and if there is none, why. What was there stays when asking again fails. */
export function Loaded<T>({
  of,
  children,
  rows = 5,
}: {
  readonly of: Asked<T>;
  readonly children: (data: T) => ReactNode;
  readonly rows?: number;
}) {
  if (of.data !== undefined)
    return (
      <>
        {of.error && <Trouble error={of.error} isStale />}
        {children(of.data)}
      </>
    );
  if (of.error) return <Trouble error={of.error} onRetry={of.refetch} />;
  return <Skeleton rows={rows} />;
}

const WIDTHS = ['62%', '84%', '45%', '73%', '56%', '38%', '68%'];

/** The outline of what is coming, in its size, so that nothing jumps. */
export function Skeleton({ rows }: { readonly rows: number }) {
  return (
    <div className="card" aria-busy="true">
      <span className="visually-hidden">Loading</span>
      <div className="card-body" data-pad="">
        <div className="stack">
          {Array.from({ length: rows }, (_, row) => (
            <span key={row} className="skeleton" style={{ width: WIDTHS[row % WIDTHS.length] ?? '50%' }} />
          ))}
        </div>
      </div>
    </div>
  );
}

/** What to do about problems that one can do something about. */
const ADVICE: Readonly<Record<string, string>> = {
  OWNED_BY_FILES: 'Change the file; the gateway sees it at once.',
  OTHER_WORKSPACE: 'Names are unique over all workspaces: take another one.',
  ROLLOUT_RUNNING: 'Wait for its end, or end it on the page Fleet. Until then nothing else can be changed.',
  IN_USE: 'Remove what uses it first.',
  NO_DATABASE: 'With stores.database in its configuration, this gateway can keep that.',
  [OUTDATED]: 'Load the whole page again. What you have begun is kept.',
  CSRF: 'Load the page again: the session is another one by now.',
  FOREIGN_HOST: 'Open the page under the name or the address that the gateway listens on.',
};

/** The same for all others, by their status. */
function adviceFor({ status, code }: Problem): string {
  const known = ADVICE[code];
  if (known !== undefined) return known;
  if (status === 0) return 'It is asked again by itself.';
  if (status === 401) return 'Sign in again: the session is over.';
  if (status === 403)
    return 'Your role does not allow that. Somebody with a higher one can do it, or give you theirs.';
  if (code === 'STALE' || status === 412)
    return 'Somebody else was faster. Load it again, and see what is new.';
  if (status === 503) return 'The gateway itself goes on serving. Try again in a moment.';
  return status >= 500 ? 'The log of the gateway says more.' : '';
}

/** An error, with what it means and what to do. */
export function Trouble({
  error,
  onRetry,
  isStale = false,
}: {
  readonly error: unknown;
  readonly onRetry?: () => unknown;
  readonly isStale?: boolean;
}) {
  const problem =
    error instanceof Problem
      ? error
      : new Problem(-1, { title: 'This page has failed', detail: String(error) });
  return (
    <div role="alert">
      <Note
        tone={isStale ? 'warn' : 'bad'}
        icon="bad"
        title={isStale ? `${problem.message}. What you see may be old.` : problem.message}
        action={
          onRetry && (
            <Button size="small" onClick={() => void onRetry()}>
              Try again
            </Button>
          )
        }
      >
        {problem.detail && <p>{problem.detail}</p>}
        {!isStale && adviceFor(problem) && <p>{adviceFor(problem)}</p>}
        {problem.issues.slice(0, 8).map((issue) => (
          <p key={issue.pointer + issue.message}>
            {issue.pointer && <code>{issue.pointer}</code>} {issue.message}
          </p>
        ))}
        {problem.code && <p className="small mono">{problem.code}</p>}
      </Note>
    </div>
  );
}

const HOW = `stores:
  database:
    url: "sqlite:./turnpike.db"   # or postgres://…`;

/** Shows what needs a database, or how to have one. */
export function WithDatabase({ what, children }: { readonly what: string; readonly children: ReactNode }) {
  const database = useDatabase();
  return (
    <Loaded of={database}>
      {(found) => {
        if (found.kind === 'present') return children;
        if (found.kind === 'unreachable')
          return (
            <Note tone="warn" icon="database" title="The database does not answer">
              {found.detail || 'The gateway serves on with what it has.'} {what} will be back with it.
            </Note>
          );
        return (
          <Card>
            <Empty icon="database" title={`${what} need a database`}>
              This gateway has its configuration from files, and you can look at all of it here. To change it
              from here as well, add this to a file and restart:
            </Empty>
            <pre className="code">{HOW}</pre>
          </Card>
        );
      }}
    </Loaded>
  );
}
