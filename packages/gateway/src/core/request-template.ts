import type { Exchange } from './exchange.ts';
import { keyPart, type KeyFacts, type KeyPart } from './limit-key-parts.ts';

/** What a template comes to for a request; null where a part of it is absent or empty. */
export type RequestTemplate = (exchange: Exchange) => string | null;

const PLACEHOLDER = /\{([^{}]+)\}/;

/**
 * Compiles a text with placeholders for what a request says, such as `{header.x-tenant}` or `{identity.claims.org.id}`. Values of
 * the query and of the path are percent-decoded; where there are several of a name, they are one list. The text may hold
 * anything that a client can send: who writes it somewhere makes it safe there.
 *
 * The configuration was checked; a placeholder that is unknown is a mistake of ours and throws.
 */
export function requestTemplate(text: string, facts: Pick<KeyFacts, 'route' | 'names'>): RequestTemplate {
  const parts = text.split(PLACEHOLDER).map((part, i) => (i % 2 === 0 ? part : placeholder(part, facts)));
  const [only = '', ...others] = parts.filter((part) => part !== '');
  if (others.length === 0) return typeof only === 'string' ? () => only : only;
  return (exchange) => {
    let result = '';
    for (const part of parts) {
      const value = typeof part === 'string' ? part : part(exchange);
      if (value === null) return null;
      result += value;
    }
    return result;
  };
}

function placeholder(text: string, facts: Pick<KeyFacts, 'route' | 'names'>): KeyPart {
  const of = (config: Parameters<typeof keyPart>[0]): KeyPart =>
    keyPart(config, { ...facts, compileText: unknown });
  const [, source = text, name = ''] =
    /^(header|cookie|query|path|identity\.\w+)(?:\.(.+))?$/.exec(text) ?? [];
  switch (source) {
    case 'method':
    case 'host':
    case 'route':
      return of({ kind: source });
    case 'header':
      return of({ kind: source, name: name.toLowerCase() });
    case 'cookie':
    case 'query':
    case 'path':
      return of({ kind: source, name });
    case 'request.id':
      return ({ id }) => id;
    case 'client.address':
      return ({ client }) => client.address;
    case 'identity.subject':
      return ({ identity }) => orNull(identity?.subject);
    case 'identity.scopes':
      return ({ identity }) => orNull(identity?.scopes.join(' '));
    case 'identity.consumer':
      return of({ kind: 'consumer' });
    case 'identity.plan':
      return of({ kind: 'plan' });
    case 'identity.claims':
      return of({ kind: 'claim', path: pathOf(name) });
    case 'identity.metadata':
      return of({ kind: 'metadata', name });
    default:
      throw new Error(`Unknown placeholder {${text}}`);
  }
}

/** `realm_access.roles`; `\.` is a dot of a name. */
function pathOf(text: string): string[] {
  return text.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'));
}

function orNull(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

function unknown(): never {
  throw new Error('Templates have no expressions');
}
