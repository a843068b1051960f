import type {
  AddressRuleConfig,
  AuthenticateConfig,
  AuthorizeConfig,
  IpAccessConfig,
  PoliciesConfig,
  UpstreamCredentialsConfig,
} from '@turnpike/config';
import { plural } from '../output/plural.ts';
import { durationText } from '../output/units.ts';
import { joined, reporting } from './text-parts.ts';

// What policies of access do on a route, in a line each. Nothing of it is a secret, and nothing is decided here: who may
// really come in depends on tokens and lists that only a running gateway knows.

/** `lets in only 10.0.0.0/8 and @office, turns away @abusers`. */
export function ipAccessText({ mode, allow, deny }: IpAccessConfig): string {
  const denied = addressesText(deny);
  const parts = [
    allow === null ? '' : `lets in only ${addressesText(allow)}`,
    denied === '' ? '' : `turns away ${denied}`,
  ];
  return joined(parts, ', ') + reporting(mode);
}

const SHOWN_BLOCKS = 3;

function addressesText({ blocks, lists }: AddressRuleConfig): string {
  const texts = blocks.map(({ address, prefixLength, family }) =>
    prefixLength === (family === 'ipv4' ? 32 : 128) ? address : `${address}/${prefixLength}`,
  );
  const shown = texts.length > SHOWN_BLOCKS ? [plural(texts.length, 'block')] : texts;
  return joined([...shown, ...lists.map((name) => `@${name}`)], ' and ');
}

/** `asks who is calling: corporate or consumers (keys in header x-api-key)`. */
export function authenticateText(config: AuthenticateConfig): string {
  const { mode, providers, consumers, optional, apiKeyFrom } = config;
  const places = apiKeyFrom.map((source) => `${source.in} ${source.name}`);
  const keys = places.length === 0 ? '' : ` (keys in ${joined(places, ' or ')})`;
  const ways = [...providers, consumers ? `consumers${keys}` : ''];
  const others = optional ? '; callers without credentials pass' : '';
  return `asks who is calling: ${joined(ways, ' or ')}${others}${reporting(mode)}`;
}

/** `asks for all scopes of a, b; one scope of c, d; the claims tenant, roles`. */
export function authorizeText({ mode, scopes, anyScope, claims, rule, external }: AuthorizeConfig): string {
  const conditions = [
    scopes.length === 0 ? '' : `all scopes of ${scopes.join(', ')}`,
    anyScope.length === 0 ? '' : `one scope of ${anyScope.join(', ')}`,
    claims.length === 0 ? '' : `the claims ${claims.map(({ path }) => path.join('.')).join(', ')}`,
    rule === null ? '' : `the rule ${rule}`,
    external === null ? '' : externalText(external),
  ];
  return `asks for ${joined(conditions, '; ')}${reporting(mode)}`;
}

function externalText({
  protocol,
  url,
  timeoutMs,
  onFailure,
}: NonNullable<AuthorizeConfig['external']>): string {
  const shown = protocol === 'grpc' ? url.replace(/^http/, 'grpc') : url;
  return `the word of ${shown} within ${durationText(timeoutMs)} (without it: ${onFailure})`;
}

/** `sends a token of corporate for the gateway itself, scopes users`. */
export function credentialsText({
  mode,
  grant,
  provider,
  scopes,
  audience,
}: UpstreamCredentialsConfig): string {
  const whose =
    grant === 'client-credentials' ? 'for the gateway itself' : 'in exchange for that of the caller';
  const parts = [
    `sends a token of ${provider} ${whose}`,
    scopes.length === 0 ? '' : `scopes ${scopes.join(' ')}`,
    audience === null ? '' : `audience ${audience}`,
  ];
  return joined(parts, ', ') + reporting(mode);
}

/** What the service is told of who is calling. */
export const FORWARDS: Readonly<Record<PoliciesConfig['forwardIdentity'], string | null>> = {
  off: null,
  headers: 'tells the service who is calling, in header fields',
  jwt: 'tells the service who is calling, in a signed token',
};
