import { useId, useState } from 'react';
import { useObjects } from '../../api/objects.ts';
import type { TailLine } from '../../api/types.ts';
import { useQueryValue } from '../../router/location.ts';
import { Button } from '../../ui/button.tsx';
import { count, millis, plural } from '../../ui/format.ts';
import { Card, Empty, PageHead } from '../../ui/layout.tsx';
import { Trouble } from '../../ui/states.tsx';
import { Badge, HttpStatus } from '../../ui/words.tsx';
import { useFollow } from './follow.ts';
import { RequestDialog } from './request-dialog.tsx';

/** Requests as they end. */
export function Page() {
  const [route, setRoute] = useQueryValue('route');
  const [status, setStatus] = useQueryValue('status');
  const [filter, setFilter] = useQueryValue('filter');
  const [isPaused, setPaused] = useState(false);
  const [opened, setOpened] = useState<TailLine | null>(null);
  const { lines, dropped, state, error, clear } = useFollow({ route, status, filter }, isPaused);
  return (
    <>
      <PageHead
        title="Live tail"
        lead="Requests as they end, on all threads of this gateway. A view, not a record."
      >
        <Button
          icon={isPaused ? 'play' : 'pause'}
          onClick={() => setPaused(!isPaused)}
          aria-pressed={isPaused}
        >
          {isPaused ? 'Go on' : 'Pause'}
        </Button>
        <Button onClick={clear}>Clear</Button>
      </PageHead>
      <div className="stack">
        <Filters
          route={route}
          status={status}
          filter={filter}
          onRoute={setRoute}
          onStatus={setStatus}
          onFilter={setFilter}
        />
        {error !== null && <Trouble error={error} />}
        <Card
          title={<Connection state={state} />}
          isPadded={false}
          aside={
            <span className="muted small num">
              {plural(lines.length, 'request')}
              {lines.length >= 500 && ', the newest 500'}
              {dropped > 0 && `, ${count(dropped)} not shown`}
            </span>
          }
        >
          <div className="tail-box" tabIndex={0} role="region" aria-label="Requests">
            {lines.length === 0 ? (
              <Empty icon="tail" title={isPaused ? 'Paused' : 'Waiting for requests'}>
                {isPaused
                  ? 'Go on to see what comes.'
                  : 'The next one that fits is here as soon as it has ended.'}
              </Empty>
            ) : (
              <Lines lines={lines} opened={opened} onOpen={setOpened} />
            )}
          </div>
        </Card>
      </div>
      {opened && <RequestDialog line={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

const STATES = {
  connecting: ['plain', 'connecting…'],
  open: ['ok', 'live'],
  paused: ['warn', 'paused'],
  failed: ['bad', 'not connected'],
} as const;

function Connection({ state }: { readonly state: keyof typeof STATES }) {
  const [tone, text] = STATES[state];
  return (
    <span className="row">
      Requests
      <span role="status">
        <Badge tone={tone}>{text}</Badge>
      </span>
    </span>
  );
}

function Lines({
  lines,
  opened,
  onOpen,
}: {
  readonly lines: readonly TailLine[];
  readonly opened: TailLine | null;
  readonly onOpen: (line: TailLine) => void;
}) {
  return (
    <table className="table tail-table" data-dense="">
      <caption className="visually-hidden">Requests, newest first</caption>
      <thead>
        <tr>
          <th scope="col" className="col-time">
            Time
          </th>
          <th scope="col" className="col-status">
            Status
          </th>
          <th scope="col">Request</th>
          <th scope="col" className="wide-only col-route">
            Route
          </th>
          <th scope="col" className="wide-only col-endpoint">
            Endpoint
          </th>
          <th scope="col" className="col-took" data-align="end">
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.requestId} aria-selected={line === opened || undefined} onClick={() => onOpen(line)}>
            <td>
              <time dateTime={line.time}>
                {line.time.slice(11, 19)}
                <span className="wide-only">{line.time.slice(19, 23)}</span>
              </time>
            </td>
            <td>
              <HttpStatus status={line.status} />
            </td>
            <td className="path truncate">
              <button
                type="button"
                className="row-button"
                onClick={(event) => (event.stopPropagation(), onOpen(line))}
              >
                {line.method} {line.path}
              </button>
              {line.code && <span className="tone-warn"> {line.code}</span>}
              {line.cache && <span className="muted"> {line.cache}</span>}
            </td>
            <td className="wide-only" title={line.route}>
              {line.route || <span className="muted">–</span>}
            </td>
            <td className="wide-only">
              {line.endpoint || <span className="muted">–</span>}
              {line.attempts > 1 && <span className="tone-warn"> ×{line.attempts}</span>}
            </td>
            <td data-align="end">{millis(line.durationMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface FilterProps {
  readonly route: string;
  readonly status: string;
  readonly filter: string;
  readonly onRoute: (value: string) => void;
  readonly onStatus: (value: string) => void;
  readonly onFilter: (value: string) => void;
}

function Filters({ route, status, filter, onRoute, onStatus, onFilter }: FilterProps) {
  const [draft, setDraft] = useState(filter);
  return (
    <form
      className="row"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onFilter(draft.trim());
      }}
    >
      <RouteField value={route} onChange={onRoute} />
      <select
        className="input"
        style={{ width: '8.5rem' }}
        aria-label="Status"
        value={status}
        onChange={(event) => onStatus(event.target.value)}
      >
        <option value="">Any status</option>
        {['2xx', '3xx', '4xx', '5xx'].map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
      <input
        className="input"
        style={{ flex: '1 1 16rem', width: 'auto' }}
        data-mono=""
        aria-label="Filter in CEL"
        placeholder={'line.durationMs > 500.0 && line.client.startsWith("10.")'}
        value={draft}
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
      />
      <Button type="submit" disabled={draft.trim() === filter}>
        Filter
      </Button>
    </form>
  );
}

/** A route by its name, as soon as it is one: there can be thousands, so they are proposed and not listed. */
function RouteField({
  value,
  onChange,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  const id = useId();
  const routes = useObjects('routes').data?.items ?? [];
  const type = (next: string): void => {
    setTyped(next);
    if (next === '' || routes.some(({ name }) => name === next)) onChange(next);
  };
  return (
    <>
      <input
        className="input"
        style={{ width: '12rem' }}
        type="search"
        aria-label="Route"
        placeholder="All routes"
        spellCheck={false}
        list={id}
        value={typed}
        onChange={(event) => type(event.target.value)}
        onBlur={() => onChange(typed.trim())}
      />
      <datalist id={id}>
        {routes.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
