import { servicesOf, type ListenerConfig, type PoliciesConfig, type RouteConfig } from '@turnpike/config';
import { bytesText, durationText } from '../output/units.ts';
import { authenticateText, authorizeText, credentialsText, FORWARDS, ipAccessText } from './access-texts.ts';
import { corsText, graphqlText, securityHeadersText, validateText } from './form-texts.ts';
import {
  concurrencyText,
  contentLimitText,
  headLimitText,
  messageLimitText,
  rateLimitText,
} from './limit-texts.ts';
import { mcpMessageText, mcpText, resourceMetadataText } from './mcp-texts.ts';
import { fallbackText, faultText, mirrorText, splitText } from './resilience-texts.ts';
import { eventStreamText, websocketText } from './stream-texts.ts';
import { compressText, transformText } from './message-texts.ts';
import { cacheText } from './cache-text.ts';
import { joined, reporting } from './text-parts.ts';

/** A stage of the pipeline of a route. */
export interface StageNote {
  readonly name: string;
  /** What it does on this route. */
  readonly about: string;
}

type Describe = (route: RouteConfig, listener: ListenerConfig | undefined) => string | null;

/** A policy that is an object or not there, as a line. */
function of<K extends keyof PoliciesConfig>(
  key: K,
  text: (policy: NonNullable<PoliciesConfig[K]>) => string,
): Describe {
  return ({ policies }) => {
    const policy = policies[key];
    return policy === null ? null : text(policy);
  };
}

/** All stages in the order of the gateway's `pipeline.ts`, which a test compares; `null` where a route has none of it. */
export const STAGES: readonly (readonly [name: string, describe: Describe])[] = [
  ['error-bodies', errorBodies],
  ['graphql-errors', of('graphql', () => 'gives errors the shape of GraphQL')],
  ['security-headers', of('securityHeaders', securityHeadersText)],
  ['ip-access', of('ipAccess', ipAccessText)],
  ['cors', of('cors', corsText)],
  ['rescue', () => 'turns what breaks into an error reply'],
  ['compress', of('compress', compressText)],
  ['self-protection', () => null], // the same for all routes, as the process is told
  ['timeout', of('timeoutMs', (ms) => `ends the whole exchange after ${durationText(ms)}`)],
  ['rate-limit', ({ policies }) => rateLimitText(policies.rateLimit, 'early')],
  ['limit-head', ({ policies }) => headLimitText(policies)],
  ['resource-metadata', resourceMetadataText],
  ['plugins', pluginsIn('before-authenticate')],
  ['authenticate', of('authenticate', authenticateText)],
  ['authorize', of('authorize', authorizeText)],
  ['plugins', pluginsIn('after-authorize')],
  ['websocket', websocketText],
  ['event-stream', toServices(of('eventStream', eventStreamText))],
  ['limit-body', limitBody],
  ['limit-content', ({ policies }) => contentLimitText(policies)],
  ['mcp-message', ({ target }) => mcpMessageText(target)],
  ['validate', of('validate', validateText)],
  ['graphql', of('graphql', graphqlText)],
  ['rate-limit', ({ policies }) => rateLimitText(policies.rateLimit, 'late')],
  ['concurrency', of('concurrency', concurrencyText)],
  ['transform', of('transform', transformText)],
  ['plugins', pluginsIn('before-cache')],
  ['cache', toServices(of('cache', cacheText))],
  ['rewrite', rewrite],
  ['upstream-credentials', toServices(of('upstreamCredentials', credentialsText))],
  ['fallback', toServices(of('fallback', fallbackText))],
  ['mirror', toServices(of('mirror', mirrorText))],
  ['translation', translationText],
  ['limit-messages', toServices(({ policies }) => messageLimitText(policies))],
  ['plugins', toServices(pluginsIn('before-service'))],
  ['circuit-breaker', () => null], // told with the service, whose breaker it is
  ['forward-identity', toServices(({ policies }) => FORWARDS[policies.forwardIdentity])],
  ['admission', () => null], // told with the service, whose limit it is
  ['fault', toServices(of('fault', faultText))],
];

/** What the service gets in place of what the client sends. */
function translationText({ translate }: RouteConfig): string | null {
  if (translate === null) return null;
  switch (translate.kind) {
    case 'grpc-web':
      return 'gRPC-Web and Connect to gRPC';
    case 'grpc-transcode': {
      const { rules } = translate;
      const own = rules.length === 0 ? '' : `, ${rules.length} rules of its own`;
      return `HTTP and JSON to gRPC, by google.api.http${own}`;
    }
    case 'graphql':
      return `HTTP and JSON to a GraphQL operation${translate.field === null ? '' : `, of which ${translate.field} is the answer`}`;
    case 'soap':
      return `HTTP and JSON to ${translate.version.replace('soap', 'SOAP ')}`;
    default:
      return translate satisfies never;
  }
}

/** Plugins of a slot, by name, with their files. */
function pluginsIn(slot: string): Describe {
  return ({ policies }) => {
    const here = policies.plugins.filter((plugin) => plugin.slot === slot);
    const texts = here.map(({ name, file, mode }) => `${name} (${file})${reporting(mode)}`);
    return texts.length === 0 ? null : `${slot}: ${texts.join(', ')}`;
  };
}

function errorBodies({ policies }: RouteConfig): string | null {
  const statuses = Object.keys(policies.errors);
  return statuses.length === 0 ? null : `own bodies for errors ${statuses.join(', ')}`;
}

function limitBody({ policies }: RouteConfig, listener: ListenerConfig | undefined): string | null {
  const bytes = policies.bodyBytes ?? listener?.limits.bodyBytes;
  const whose =
    policies.bodyBytes === null ? ` (listener ${listener?.id ?? ''})` : reporting(policies.limitsMode);
  return bytes === undefined ? null : `refuses request bodies above ${bytesText(bytes)}${whose}`;
}

function rewrite({ rewrite }: RouteConfig): string | null {
  if (rewrite === null) return null;
  const { path, stripPrefix, host } = rewrite;
  const parts = [
    path === null ? '' : `path becomes ${path}`,
    stripPrefix === null ? '' : `path loses ${stripPrefix}`,
    host === null ? '' : `Host becomes ${host}`,
  ];
  return joined(parts, ', ');
}

function toServices(describe: Describe): Describe {
  return (route, listener) => (servicesOf(route.target).length > 0 ? describe(route, listener) : null);
}

/** The stages that a request passes on this route, in order; the target is the last. */
export function stagesOf(route: RouteConfig, listener: ListenerConfig | undefined): StageNote[] {
  const notes = STAGES.flatMap(([name, describe]) => {
    const about = describe(route, listener);
    return about === null ? [] : [{ name, about }];
  });
  return [...notes, targetNote(route)];
}

function targetNote({ target }: RouteConfig): StageNote {
  switch (target.kind) {
    case 'service':
      return { name: 'forward', about: `to the service ${target.service}` };
    case 'split':
      return { name: 'split', about: splitText(target) };
    case 'redirect':
      return { name: 'redirect', about: `with status ${target.status}` };
    case 'respond':
      return { name: 'respond', about: `with status ${target.status}` };
    case 'login':
      return { name: 'login', about: `${target.step} of the identity provider ${target.provider}` };
    case 'mcp':
      return { name: 'mcp', about: mcpText(target) };
    case 'protected-resource':
      return { name: 'respond', about: `with the metadata of the MCP endpoint ${target.name}` };
    case 'published-keys':
      return { name: 'respond', about: 'with the keys of forwardIdentity: jwt' };
    default:
      return target satisfies never;
  }
}
