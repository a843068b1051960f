import type { ReactNode } from 'react';
import { revisionOf, useDiscovery, useEndpoints, useStatus } from '../../api/gateway.ts';
import { plural } from '../../ui/format.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { Time, type Tone, toneOf } from '../../ui/words.tsx';

/** What must be well for the gateway to be well, side by side. */
export function HealthStrip() {
  const [status, endpoints, discovery] = [
    useStatus().data,
    useEndpoints().data ?? [],
    useDiscovery().data ?? [],
  ];
  if (!status) return <div className="card strip" style={{ minHeight: '2.75rem' }} aria-busy="true" />;
  const up = endpoints.filter(({ state }) => toneOf(state) === 'ok').length;
  const threads = status.threads.filter(({ state }) => state === 'ready').length;
  const providers = status.identityProviders;
  const ready = providers.filter(({ state }) => state === 'ready').length;
  const lost = discovery.filter(({ problem }) => problem !== '').length;
  return (
    <ul className="card strip" aria-label="Health">
      <Sign tone={status.status === 'ready' ? 'ok' : 'bad'}>
        {status.status === 'ready' ? 'Ready' : status.reasons.join(', ') || status.status}
      </Sign>
      <Sign tone={status.configuration.state === 'current' ? 'ok' : 'warn'} href="#/revisions">
        Revision {revisionOf(status)}, <Time at={status.configuration.appliedAt} />
      </Sign>
      <Sign tone={threads === status.threads.length ? 'ok' : 'bad'} href="#/fleet">
        {threads} of {plural(status.threads.length, 'thread')}
      </Sign>
      <Sign tone={up === endpoints.length ? 'ok' : up === 0 ? 'bad' : 'warn'} href="#/topology">
        {up} of {plural(endpoints.length, 'endpoint')} up
      </Sign>
      {status.control?.database?.isReachable === false && <Sign tone="bad">Database silent</Sign>}
      {(status.control?.quarantined.length ?? 0) > 0 && (
        <Sign tone="bad" href="#/routes?from=trouble">
          {status.control?.quarantined.length} quarantined
        </Sign>
      )}
      {providers.length > 0 && (
        <Sign tone={ready === providers.length ? 'ok' : 'warn'} href="#/identity-providers">
          {ready} of {plural(providers.length, 'identity provider')} known
        </Sign>
      )}
      {discovery.length > 0 && (
        <Sign tone={lost === 0 ? 'ok' : 'warn'} href="#/discovery">
          {lost === 0
            ? `${plural(discovery.length, 'registry', 'registries')} answer`
            : `${lost} of ${plural(discovery.length, 'registry', 'registries')} silent`}
        </Sign>
      )}
    </ul>
  );
}

const PICTURES: Readonly<Record<string, IconName>> = { ok: 'ok', warn: 'warn', bad: 'bad' };

function Sign({
  tone,
  href,
  children,
}: {
  readonly tone: Tone;
  readonly href?: string;
  readonly children: ReactNode;
}) {
  return (
    <li>
      <span className={`tone-${tone}`}>
        <Icon name={PICTURES[tone] ?? 'info'} />
        <span className="visually-hidden">{tone === 'ok' ? 'well:' : 'not well:'}</span>
      </span>
      {href === undefined ? <span>{children}</span> : <a href={href}>{children}</a>}
    </li>
  );
}
