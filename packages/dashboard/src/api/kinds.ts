import { type Kind, KINDS } from './types.ts';

/** How a kind of object is called, and where it is. */
export interface KindWords {
  readonly kind: Kind;
  /** In paths of the API and of this program. */
  readonly path: string;
  readonly one: string;
  readonly many: string;
  readonly lead: string;
}

const WORDS: Readonly<Record<Kind, Omit<KindWords, 'kind'>>> = {
  routes: {
    path: 'routes',
    one: 'route',
    many: 'Routes',
    lead: 'Which requests go where. The most specific path wins, whatever the order.',
  },
  services: {
    path: 'services',
    one: 'service',
    many: 'Services',
    lead: 'What requests are sent to: endpoints, balancing, health and timeouts.',
  },
  apis: {
    path: 'apis',
    one: 'API',
    many: 'APIs',
    lead: 'OpenAPI documents. Each of their operations becomes a route that is validated.',
  },
  consumers: {
    path: 'consumers',
    one: 'consumer',
    many: 'Consumers',
    lead: 'Callers that are known by key, certificate or password, with their plans and scopes.',
  },
  identityProviders: {
    path: 'identity-providers',
    one: 'identity provider',
    many: 'Identity providers',
    lead: 'Who vouches for callers: OpenID Connect issuers and key sets.',
  },
  certificates: {
    path: 'certificates',
    one: 'certificate',
    many: 'Certificates',
    lead: 'What listeners with TLS show, chosen by the name that a client asks for. Keys are never shown.',
  },
  lists: {
    path: 'lists',
    one: 'list',
    many: 'Lists',
    lead: 'Named lists of addresses, used as @name in ipAccess.',
  },
};

/** Words of a kind. */
export function wordsOf(kind: Kind): KindWords {
  return { kind, ...WORDS[kind] };
}

/** The kind of a path such as `identity-providers`. */
export function kindAt(path: string): Kind | undefined {
  return KINDS.find((kind) => WORDS[kind].path === path);
}

/** What a route does with a request, in a word and a name. */
export function targetOf(document: object): { readonly kind: string; readonly names: readonly string[] } {
  const route = document as Readonly<Record<string, unknown>>;
  const target = (route['target'] ?? route) as Readonly<Record<string, unknown>>;
  const { service, services, redirect, respond, kind, sides } = target;
  if (typeof service === 'string') return { kind: 'service', names: [service] };
  if (Array.isArray(sides)) return { kind: 'split', names: sides.map((side) => String(side.service)) };
  if (typeof services === 'object' && services !== null)
    return { kind: 'split', names: Object.keys(services) };
  if (redirect !== undefined || kind === 'redirect') return { kind: 'redirect', names: [] };
  if (respond !== undefined || kind === 'respond') return { kind: 'respond', names: [] };
  return { kind: typeof kind === 'string' ? kind : 'other', names: [] };
}
