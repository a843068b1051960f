import { useMe, useStatus } from '../../api/gateway.ts';
import { useMay } from '../../api/rights.ts';
import { Card, Facts, Note, PageHead } from '../../ui/layout.tsx';
import { Loaded, WithDatabase } from '../../ui/states.tsx';
import { type Tab, Tabs } from '../../ui/tabs.tsx';
import { Badge, Time } from '../../ui/words.tsx';
import { LogLevel } from './log-level.tsx';
import { Tokens } from '../credentials/tokens.tsx';
import { Workspaces } from './workspaces.tsx';

const TOKENS: Tab = {
  id: 'tokens',
  label: 'Tokens',
  content: () => (
    <WithDatabase what="Tokens that are made here">
      <Tokens />
    </WithDatabase>
  ),
};

/** Who you are, who else may steer, and what this gateway is. */
export function Page() {
  const may = useMay();
  return (
    <>
      <PageHead title="Settings" />
      <Tabs
        label="Settings"
        tabs={[
          { id: 'me', label: 'You', content: () => <You /> },
          { id: 'gateway', label: 'Gateway', content: () => <Gateway /> },
          ...(may('admin') ? [TOKENS] : []),
          {
            id: 'workspaces',
            label: 'Workspaces',
            content: () => (
              <WithDatabase what="Workspaces">
                <Workspaces />
              </WithDatabase>
            ),
          },
        ]}
      />
    </>
  );
}

const VIA: Readonly<Record<string, string>> = {
  loopback: 'from the machine of the gateway itself',
  token: 'by a token',
  session: 'by a session of this browser',
  certificate: 'by a client certificate',
};

function You() {
  const me = useMe();
  return (
    <Loaded of={me}>
      {(one) =>
        one === null ? (
          <Note title="Whoever reaches this address">
            This gateway has no control plane that would know who you are.
          </Note>
        ) : (
          <Card title={one.name}>
            <Facts
              of={[
                ['Known', VIA[one.via] ?? one.via],
                [
                  'Role',
                  one.role === null ? 'none in all workspaces' : <Badge tone="accent">{one.role}</Badge>,
                ],
                ...Object.entries(one.workspaces).map(
                  ([name, role]) => [`In ${name}`, <Badge>{role}</Badge>] as const,
                ),
                ['Viewers', 'see everything but secrets'],
                ['Editors', 'change objects and keys, and purge the cache'],
                ['Admins', 'change workspaces, tokens and roll-outs, and read the audit log'],
              ]}
            />
          </Card>
        )
      }
    </Loaded>
  );
}

function Gateway() {
  const status = useStatus();
  return (
    <Loaded of={status}>
      {({ version, configuration, listeners, lastReload }) => (
        <div className="stack">
          <Card title="This gateway">
            <Facts
              of={[
                ['Version', version],
                [
                  'Configuration',
                  <Badge tone={configuration.state === 'current' ? 'ok' : 'warn'}>
                    {configuration.state}
                  </Badge>,
                ],
                ['Applied', <Time at={configuration.appliedAt} />],
                ['Files', <Files sources={configuration.sources} />],
                [
                  'Last reload',
                  lastReload === null ? (
                    'none'
                  ) : (
                    <>
                      <Time at={lastReload.at} />, because of {lastReload.reason}: {lastReload.result.kind}
                    </>
                  ),
                ],
                ['Listeners', listeners.map(({ id, host, port }) => `${id} on ${host}:${port}`).join(', ')],
                [
                  'The API',
                  <>
                    <a href="/docs">try it</a>, <a href="/redoc">read it</a>,{' '}
                    <a href="/openapi.json">OpenAPI</a>
                  </>,
                ],
              ]}
            />
          </Card>
          <LogLevel />
          <WithDatabase what="Changes from here">{null}</WithDatabase>
        </div>
      )}
    </Loaded>
  );
}

function Files({ sources }: { readonly sources: readonly string[] }) {
  return (
    <ul>
      {sources.map((source) => (
        <li key={source}>
          <code>{source}</code>
        </li>
      ))}
    </ul>
  );
}
