import { ask, isMissing } from '../../api/client.ts';
import { useQuery } from '../../api/query.ts';
import type { Explanation, TailLine, TraceView } from '../../api/types.ts';
import { hrefOf } from '../../router/location.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { millis } from '../../ui/format.ts';
import { Facts, Note } from '../../ui/layout.tsx';
import { Skeleton, Trouble } from '../../ui/states.tsx';
import { HttpStatus, Meter } from '../../ui/words.tsx';
import { ExplanationView } from '../explain/explanation-view.tsx';
import { TraceSteps } from './trace-steps.tsx';

/** One request: what the log says of it, and why it went as it did. */
export function RequestDialog({ line, onClose }: { readonly line: TailLine; readonly onClose: () => void }) {
  const url = `http://${line.host || 'localhost'}${line.path}`;
  return (
    <Dialog
      title={`${line.method} ${line.path}`}
      size="wide"
      onClose={onClose}
      foot={
        <LinkButton icon="explain" href={hrefOf(['explain'], { method: line.method, url })} onClick={onClose}>
          Open in the explainer
        </LinkButton>
      }
    >
      <div className="stack">
        <Where line={line} />
        <Why line={line} url={url} />
        <details>
          <summary>The whole line</summary>
          <pre className="code">{JSON.stringify(line, null, 2)}</pre>
        </details>
      </div>
    </Dialog>
  );
}

function Where({ line }: { readonly line: TailLine }) {
  const { durationMs, upstreamMs } = line;
  const own = upstreamMs === null ? durationMs : Math.max(0, durationMs - upstreamMs);
  return (
    <Facts
      of={[
        [
          'Answer',
          <>
            <HttpStatus status={line.status} /> {line.code && <code>{line.code}</code>}{' '}
            {line.code === 'RATE_LIMITED' && (
              <a href={hrefOf(['limits'], { q: line.route })}>How its limits stand</a>
            )}
          </>,
        ],
        ['Route', line.route ? <a href={hrefOf(['routes', line.route])}>{line.route}</a> : 'none took it'],
        ['Service', line.service ? <a href={hrefOf(['services', line.service])}>{line.service}</a> : 'none'],
        [
          'Endpoint',
          line.endpoint
            ? `${line.endpoint}${line.attempts > 1 ? `, after ${line.attempts} attempts` : ''}`
            : 'none was asked',
        ],
        ['Client', `${line.client}${line.consumer ? ` (${line.consumer})` : ''}`],
        [
          'Time',
          <>
            {millis(durationMs)}, of which {millis(own)} in the gateway{' '}
            {upstreamMs !== null && (
              <Meter value={own / Math.max(durationMs, 1e-6)} label="Share of the gateway" />
            )}
          </>,
        ],
        ['Request', <code key="id">{line.requestId}</code>],
      ]}
    />
  );
}

/** The decisions as they were, where they were traced; or else as they would be now. */
function Why({ line, url }: { readonly line: TailLine; readonly url: string }) {
  const why = useQuery({
    queryKey: ['why', line.requestId],
    queryFn: async ({
      signal,
    }): Promise<{ readonly trace: TraceView } | { readonly explanation: Explanation }> => {
      try {
        const id = typeof line.traceId === 'string' ? line.traceId : line.requestId;
        return { trace: await ask<TraceView>(`/requests/${encodeURIComponent(id)}/trace`, { signal }) };
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      const body = { method: line.method, url, headers: {} };
      return { explanation: await ask<Explanation>('/v1/explain', { method: 'POST', body, signal }) };
    },
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (why.data === undefined) {
    if (isMissing(why.error)) return <NotTraced />;
    return why.error ? <Trouble error={why.error} /> : <Skeleton rows={5} />;
  }
  if ('trace' in why.data) return <TraceSteps trace={why.data.trace} />;
  return (
    <>
      <Note title="As it would be decided now">
        This request was not traced. With <code>telemetry.debug</code>, one that brings a debug token keeps
        its decisions for a minute.
      </Note>
      <ExplanationView explanation={why.data.explanation} />
    </>
  );
}

function NotTraced() {
  return (
    <Note title="This request was not traced">
      With <code>telemetry.debug</code>, a request that brings a debug token keeps its decisions for a minute:{' '}
      <code>turnpike debug-token</code> makes one.
    </Note>
  );
}
