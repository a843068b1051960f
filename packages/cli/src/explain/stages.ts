import type { ListenerConfig, RouteConfig } from '@turnpike/config';
import { bytesText, durationText } from '../output/units.ts';
import { authenticateText, authorizeText, credentialsText, FORWARDS, ipAccessText } from './access-texts.ts';

/** A stage of the pipeline of a route. */
export interface StageNote {
  readonly name: string;
  /** What it does on this route. */
  readonly about: string;
}

type Describe = (route: RouteConfig, listener: ListenerConfig | undefined) => string | null;

/** All stages in the order of the gateway's `pipeline.ts`, which a test compares; `null` where a route has none of it. */
export const STAGES: Readonly<Record<string, Describe>> = {
  'error-bodies': ({ policies }) => {
    const statuses = Object.keys(policies.errors);
    return statuses.length === 0 ? null : `own bodies for errors ${statuses.join(', ')}`;
  },
  rescue: () => 'turns what breaks into an error reply',
  'ip-access': ({ policies }) => policies.ipAccess && ipAccessText(policies.ipAccess),
  authenticate: ({ policies }) => policies.authenticate && authenticateText(policies.authenticate),
  authorize: ({ policies }) => policies.authorize && authorizeText(policies.authorize),
  'limit-body': ({ policies }, listener) => {
    const bytes = policies.bodyBytes ?? listener?.limits.bodyBytes;
    const whose = policies.bodyBytes === null ? ` (listener ${listener?.id ?? ''})` : '';
    return bytes === undefined ? null : `refuses request bodies above ${bytesText(bytes)}${whose}`;
  },
  timeout: ({ policies }) =>
    policies.timeoutMs === null ? null : `ends the whole exchange after ${durationText(policies.timeoutMs)}`,
  rewrite: ({ rewrite }) => {
    if (rewrite === null) return null;
    const { path, stripPrefix, host } = rewrite;
    const parts = [
      path === null ? '' : `path becomes ${path}`,
      stripPrefix === null ? '' : `path loses ${stripPrefix}`,
      host === null ? '' : `Host becomes ${host}`,
    ];
    return parts.filter((part) => part !== '').join(', ');
  },
  'upstream-credentials': ({ policies, target }) =>
    target.kind === 'service'
      ? policies.upstreamCredentials && credentialsText(policies.upstreamCredentials)
      : null,
  'forward-identity': ({ policies, target }) =>
    target.kind === 'service' ? FORWARDS[policies.forwardIdentity] : null,
};

/** The stages that a request passes on this route, in order; the target is the last. */
export function stagesOf(route: RouteConfig, listener: ListenerConfig | undefined): StageNote[] {
  const notes = Object.entries(STAGES).flatMap(([name, describe]) => {
    const about = describe(route, listener);
    return about === null ? [] : [{ name, about }];
  });
  return [...notes, targetNote(route)];
}

function targetNote({ target }: RouteConfig): StageNote {
  switch (target.kind) {
    case 'service':
      return { name: 'forward', about: `to the service ${target.service}` };
    case 'redirect':
      return { name: 'redirect', about: `with status ${target.status}` };
    case 'respond':
      return { name: 'respond', about: `with status ${target.status}` };
    case 'login':
      return { name: 'login', about: `${target.step} of the identity provider ${target.provider}` };
    case 'published-keys':
      return { name: 'respond', about: 'with the keys of forwardIdentity: jwt' };
    default:
      return target satisfies never;
  }
}
