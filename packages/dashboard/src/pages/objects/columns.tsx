import { targetOf } from '../../api/kinds.ts';
import type { Busy } from '../../api/gateway.ts';
import type { Endpoint, Kind, ObjectView, ShownCertificate, Status } from '../../api/types.ts';
import { hrefOf } from '../../router/location.ts';
import { count, millis, plural, share } from '../../ui/format.ts';
import { Ends, Names } from './certificate-words.tsx';
import type { Column } from '../../ui/table.tsx';
import { Badge, State, Time, toneOf } from '../../ui/words.tsx';

/** What is known beside the objects. */
export interface Beside {
  /** By service. */
  readonly endpoints: ReadonlyMap<string, readonly Endpoint[]>;
  readonly busy: ReadonlyMap<string, Busy>;
  readonly providers: ReadonlyMap<string, Status['identityProviders'][number]>;
  readonly lists: ReadonlyMap<string, Status['addressLists'][number]>;
  readonly certificates: ReadonlyMap<string, ShownCertificate>;
}

type Columns = readonly Column<ObjectView>[];

/** A member of a document, if it is an object. */
function inside(document: object, key: string): Readonly<Record<string, unknown>> {
  const value = (document as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function listIn(document: object, key: string): readonly unknown[] {
  const value = (document as Readonly<Record<string, unknown>>)[key];
  return Array.isArray(value) ? value : [];
}

/** The path of a route as people know it. */
export function pathOf(document: object): string {
  const match = inside(document, 'match');
  const host = listIn(match, 'hosts')[0];
  const path = match['path'];
  return `${typeof host === 'string' ? host : ''}${typeof path === 'string' ? path : '/*'}`;
}

function routeColumns({ busy }: Beside): Columns {
  return [
    {
      id: 'match',
      title: 'Matches',
      value: ({ document }) =>
        `${listIn(inside(document, 'match'), 'methods').join(' ')} ${pathOf(document)}`,
      show: ({ document }) => (
        <span className="mono long">
          <span className="muted">{listIn(inside(document, 'match'), 'methods').join(' ')}</span>{' '}
          {pathOf(document)}
        </span>
      ),
    },
    {
      id: 'target',
      title: 'Goes to',
      value: ({ document }) => targetOf(document).names.join(', ') || targetOf(document).kind,
      show: ({ document }) => {
        const { kind, names } = targetOf(document);
        if (names.length === 0) return <Badge>{kind}</Badge>;
        return names.map((name, index) => (
          <span key={name}>
            {index > 0 && ', '}
            <a href={hrefOf(['services', name])}>{name}</a>
          </span>
        ));
      },
    },
    ...loadColumns(busy),
  ];
}

function loadColumns(busy: Beside['busy']): Columns {
  return [
    {
      id: 'rate',
      title: 'Req/s',
      value: ({ name }) => busy.get(name)?.perSecond ?? 0,
      show: ({ name }) => count(busy.get(name)?.perSecond ?? 0),
      align: 'end',
    },
    {
      id: 'errors',
      title: 'Errors',
      value: ({ name }) => busy.get(name)?.errorShare ?? 0,
      show: ({ name }) => {
        const errors = busy.get(name)?.errorShare ?? 0;
        return <span className={errors > 0.01 ? 'tone-bad' : undefined}>{share(errors)}</span>;
      },
      align: 'end',
      isWideOnly: true,
    },
    {
      id: 'p99',
      title: 'p99',
      value: ({ name }) => busy.get(name)?.p99Ms ?? 0,
      show: ({ name }) => millis(busy.get(name)?.p99Ms),
      align: 'end',
      isWideOnly: true,
    },
  ];
}

function serviceColumns({ endpoints, busy }: Beside): Columns {
  const of = (name: string): readonly Endpoint[] => endpoints.get(name) ?? [];
  return [
    {
      id: 'health',
      title: 'Endpoints',
      value: ({ name }) => of(name).filter(({ state }) => state === 'up').length,
      show: ({ name }) => {
        const own = of(name);
        const up = own.filter(({ state }) => toneOf(state) === 'ok').length;
        if (own.length === 0) return <Badge tone="warn">none</Badge>;
        return (
          <Badge tone={up === own.length ? 'ok' : up === 0 ? 'bad' : 'warn'}>
            {up} of {own.length} up
          </Badge>
        );
      },
    },
    {
      id: 'balancer',
      title: 'Balancer',
      value: ({ document }) => {
        const written = (document as Readonly<Record<string, unknown>>)['balancer'];
        return typeof written === 'string'
          ? written
          : text(inside(document, 'balancer'), 'kind') || 'adaptive';
      },
      isWideOnly: true,
    },
    ...loadColumns(busy),
  ];
}

const consumerColumns: Columns = [
  {
    id: 'plan',
    title: 'Plan',
    value: ({ document }) => text(document, 'plan'),
    show: ({ document }) => text(document, 'plan') || <span className="muted">–</span>,
  },
  {
    id: 'credentials',
    title: 'Credentials in the configuration',
    value: ({ document }) =>
      ['keys', 'certificates', 'basic'].map((key) => `${listIn(document, key).length} ${key}`).join(', '),
    show: ({ document }) => {
      const own = ['keys', 'certificates', 'basic'].filter((key) => listIn(document, key).length > 0);
      if (own.length === 0) return <span className="muted">none</span>;
      return own
        .map((key) => `${listIn(document, key).length} ${key === 'basic' ? 'passwords' : key}`)
        .join(', ');
    },
    isWideOnly: true,
  },
  {
    id: 'scopes',
    title: 'Scopes',
    value: ({ document }) => listIn(document, 'scopes').join(' '),
    show: ({ document }) => <span className="mono">{listIn(document, 'scopes').join(' ')}</span>,
    isWideOnly: true,
  },
];

function text(document: object, key: string): string {
  const value = (document as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : '';
}

function providerColumns({ providers }: Beside): Columns {
  return [
    {
      id: 'issuer',
      title: 'Issuer',
      value: ({ document }) => text(document, 'issuer'),
      show: ({ document }) => <span className="mono long">{text(document, 'issuer')}</span>,
    },
    {
      id: 'keys',
      title: 'Keys',
      value: ({ name }) => providers.get(name)?.state ?? '',
      show: ({ name }) => {
        const known = providers.get(name);
        if (known === undefined) return <span className="muted">–</span>;
        return (
          <span className="row">
            <State state={known.state} />
            <span className="muted small">{known.problem || `${known.keys} known`}</span>
          </span>
        );
      },
    },
  ];
}

function listColumns({ lists }: Beside): Columns {
  return [
    {
      id: 'source',
      title: 'Source',
      value: ({ document }) =>
        text(document, 'url') || text(document, 'file') || `${listIn(document, 'addresses').length} in place`,
      show: ({ document }) => (
        <span className="mono long">
          {text(document, 'url') ||
            text(document, 'file') ||
            `${listIn(document, 'addresses').length} in place`}
        </span>
      ),
    },
    {
      id: 'state',
      title: 'In force',
      value: ({ name }) => lists.get(name)?.entries ?? 0,
      show: ({ name }) => {
        const known = lists.get(name);
        if (known === undefined) return <span className="muted">–</span>;
        return (
          <span className="row">
            <Badge tone={known.problem === '' ? 'ok' : 'warn'}>{plural(known.entries, 'block')}</Badge>
            <span className="muted small">
              {known.problem || (known.loadedAtMs > 0 && <Time at={known.loadedAtMs} />)}
            </span>
          </span>
        );
      },
    },
  ];
}

function certificateColumns({ certificates }: Beside): Columns {
  return [
    {
      id: 'names',
      title: 'Names',
      value: ({ name }) => certificates.get(name)?.names.join(' ') ?? '',
      show: ({ name }) => <Names of={certificates.get(name)?.names ?? []} />,
    },
    {
      id: 'expires',
      title: 'Expires',
      value: ({ name }) => certificates.get(name)?.notAfter ?? null,
      show: ({ name }) => {
        const shown = certificates.get(name);
        return shown ? <Ends of={shown} /> : <span className="muted">no listener shows it</span>;
      },
    },
  ];
}

const apiColumns: Columns = [
  {
    id: 'openapi',
    title: 'Document',
    value: ({ document }) => text(document, 'openapi'),
    show: ({ document }) => <span className="mono long">{text(document, 'openapi')}</span>,
  },
  {
    id: 'service',
    title: 'Service',
    value: ({ document }) => text(document, 'service'),
    show: ({ document }) => (
      <a href={hrefOf(['services', text(document, 'service')])}>{text(document, 'service')}</a>
    ),
  },
];

/** The columns that a kind has beside name and owner. */
export function columnsOf(kind: Kind, beside: Beside): Columns {
  switch (kind) {
    case 'routes':
      return routeColumns(beside);
    case 'services':
      return serviceColumns(beside);
    case 'consumers':
      return consumerColumns;
    case 'identityProviders':
      return providerColumns(beside);
    case 'lists':
      return listColumns(beside);
    case 'certificates':
      return certificateColumns(beside);
    case 'apis':
      return apiColumns;
    default:
      return kind satisfies never;
  }
}

/** Where an object stands, and what is the matter with it. */
export const OWNER: Column<ObjectView> = {
  id: 'owner',
  title: 'From',
  value: ({ owner, status }) => `${status.state} ${owner}`,
  show: ({ owner, status, origin, updatedAt }) => (
    <span className="row">
      {status.state !== 'active' && <State state={status.state} />}
      {owner === 'files' ? (
        <span className="muted" title={origin ? `${origin.file}:${origin.line}` : undefined}>
          file
        </span>
      ) : updatedAt === null ? (
        <span className="muted">database</span>
      ) : (
        <span className="muted">
          <Time at={updatedAt} />
        </span>
      )}
    </span>
  ),
  isWideOnly: true,
};
