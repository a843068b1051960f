import type { HashKeyConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { keyPart, type KeyFacts, type KeyPart } from '../../core/limit-key-parts.ts';

/** What binds an exchange to an endpoint: the first of these that it has; null when it has none. An address as limits see it. */
export function hashKey(by: readonly HashKeyConfig[]): KeyPart {
  const parts = by.map(partOf);
  return (exchange) => {
    for (const part of parts) {
      const text = part(exchange);
      if (text !== null) return text;
    }
    return null;
  };
}

function partOf(config: HashKeyConfig): KeyPart {
  switch (config.kind) {
    case 'path':
      return wholePath;
    case 'ip':
    case 'identity':
      return keyPart({ kind: config.kind }, NO_FACTS);
    case 'header':
    case 'cookie':
    case 'query':
      return keyPart(config, NO_FACTS);
    default:
      return config satisfies never;
  }
}

function wholePath({ path }: Exchange): string {
  return path;
}

/** None of the parts here asks for any. */
const NO_FACTS: KeyFacts = {
  route: '',
  names: [],
  compileText: () => () => null,
};
