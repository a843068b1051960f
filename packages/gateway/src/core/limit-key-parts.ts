import type { LimitKeyConfig } from '@turnpike/config';
import { isMapped, readAddress } from './addresses/read-address.ts';
import type { ClientAddress, Exchange } from './exchange.ts';
import { cookieValue } from './http/cookies.ts';
import { queryValues } from './http/query.ts';
import type { Identity, Json } from './identity.ts';

/** What a part of a key says of an exchange; null: the exchange has no such thing, or it is empty. */
export type KeyPart = (exchange: Exchange) => string | null;

/** What keys of one route can see besides the exchange. */
export interface KeyFacts {
  /** Id of the route. */
  readonly route: string;
  /** Names of the path's parameters, in the order of their values. */
  readonly names: readonly string[];
  /** Makes an expression ready that gives a text. */
  readonly compileText: (rule: string) => KeyPart;
}

/** Compiles one part of a key. */
export function keyPart(config: LimitKeyConfig, facts: KeyFacts): KeyPart {
  switch (config.kind) {
    case 'ip':
      return ({ client }) => networkOf(client);
    case 'identity':
      return ofIdentity(({ key }) => key);
    case 'consumer':
      return ofIdentity(({ consumer }) => consumer);
    case 'plan':
      return ofIdentity(({ plan }) => plan);
    case 'metadata':
      return ofIdentity(({ metadata }) => memberOf(metadata, config.name));
    case 'claim':
      return ofIdentity(({ claims }) => config.path.reduce<Json | undefined>(memberOf, claims));
    case 'route':
      return () => facts.route;
    case 'method':
      return ({ method }) => method;
    case 'host':
      return ({ host }) => orNull(host);
    case 'header':
      return ({ headers }) => orNull(headers.getList(config.name));
    case 'cookie':
      return ({ headers }) => orNull(cookieValue(headers, config.name));
    case 'query':
      return queryPart(config.name);
    case 'path':
      return pathPart(config.name, facts.names);
    case 'rule':
      return textPart(facts.compileText(config.rule));
    default:
      return config satisfies never;
  }
}

/** What a part says of exchanges that have this value, as people write it; null: it never says that. */
export function namedPart({ kind }: LimitKeyConfig, value: string): string | null {
  if (kind === 'ip') return namedNetwork(value.replace(/\/64$/, ''));
  if (kind === 'host') return value.toLowerCase();
  // As it is on the wire.
  return ON_THE_WIRE.has(kind) ? Buffer.from(value).toString('latin1') : value;
}

const ON_THE_WIRE: ReadonlySet<LimitKeyConfig['kind']> = new Set(['header', 'cookie', 'query']);

function namedNetwork(value: string): string | null {
  const length = readAddress(value.replace(/%.*$/, ''), WORDS);
  return length === 0 ? null : networkOf({ address: value, family: length === 1 ? 'ipv4' : 'ipv6' });
}

/** An address of IPv6 stands for its /64: that is what one subscriber gets, and can change within at will. */
export function networkOf({ address, family }: Pick<ClientAddress, 'address' | 'family'>): string {
  if (family === 'ipv4') return address;
  // Zones (RFC 4007 §11) are names of interfaces of ours: no more addresses than without.
  const zone = address.indexOf('%');
  if (readAddress(address, WORDS, 0, zone < 0 ? address.length : zone) !== 4) return address;
  const [first = 0, second = 0, , last = 0] = WORDS;
  if (isMapped(WORDS)) return `${last >>> 24}.${(last >>> 16) & 255}.${(last >>> 8) & 255}.${last & 255}`;
  return `${first.toString(16)}:${second.toString(16)}/64`;
}

function ofIdentity(read: (identity: Identity) => Json | undefined): KeyPart {
  return ({ identity }) => (identity === null ? null : scalarText(read(identity)));
}

/** Only own members lead on: a claim `constructor` is there only if the token has one. */
function memberOf(json: Json | undefined, name: string): Json | undefined {
  if (typeof json !== 'object' || json === null || isList(json) || !Object.hasOwn(json, name))
    return undefined;
  return json[name];
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/** Lists and objects name nobody. */
function scalarText(json: Json | undefined): string | null {
  if (typeof json === 'string') return orNull(json);
  return typeof json === 'number' || typeof json === 'boolean' ? String(json) : null;
}

/** All values of a parameter together; those that cannot be decoded are none. */
function queryPart(name: string): KeyPart {
  const bytes = Buffer.from(name).toString('latin1');
  return ({ query }) => {
    if (query === '') return null;
    const values = queryValues(query, bytes).filter((value) => value !== null);
    return orNull(values.join(', '));
  };
}

function pathPart(name: string, names: readonly string[]): KeyPart {
  const index = names.indexOf(name);
  if (index === -1) throw new Error(`Unknown parameter ${name}; there are: ${names.join(', ')}`);
  return ({ params }) => orNull(percentDecoded(params[index] ?? ''));
}

/** Escapes that are not UTF-8 stay: who writes them is limited all the same. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function textPart(evaluate: KeyPart): KeyPart {
  return (exchange) => orNull(evaluate(exchange) ?? undefined);
}

function orNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** Reading is synchronous, so one place will do. */
const WORDS = new Uint32Array(4);
