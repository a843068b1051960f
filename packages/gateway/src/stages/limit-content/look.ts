import type { PoliciesConfig } from '@turnpike/config';
import type { Exchange } from '../../core/exchange.ts';
import { ACCEPTED_CODINGS, contentCodings } from './content-codings.ts';
import type { DecodingPlan } from './decoding.ts';
import { JsonScanner } from './json-scanner.ts';
import { isJson, isScannable } from './json-type.ts';
import type { Violation } from './violation.ts';

/** The limits that need a look into bodies. */
export type ContentLimits = Pick<
  PoliciesConfig,
  'bodyBytes' | 'decompressedBytes' | 'jsonDepth' | 'limitsMode'
>;

/** How the body of one request has to be looked at. */
export type Look =
  | { readonly kind: 'none' }
  /** It cannot be. */
  | { readonly kind: 'refused'; readonly violation: Violation }
  | { readonly kind: 'scan'; readonly scanner: JsonScanner }
  | { readonly kind: 'decode'; readonly plan: DecodingPlan };

const NONE: Look = { kind: 'none' };

const CODING_UNKNOWN: Look = {
  kind: 'refused',
  violation: {
    reason: 'coding-unknown',
    code: 'UNSUPPORTED_MEDIA_TYPE',
    rule: 'limits.decompressedBytes',
    fields: [['Accept-Encoding', ACCEPTED_CODINGS]],
  },
};

const CHARSET_UNKNOWN: Look = {
  kind: 'refused',
  violation: { reason: 'charset-unknown', code: 'UNSUPPORTED_MEDIA_TYPE', rule: 'limits.jsonDepth' },
};

/**
 * How to look at the body that a request announces. Without a limit of its own, a JSON body with content codings may grow
 * to what the route takes of a body without: a bomb would cost the scanner as much as the service.
 */
export function lookAt({ headers, arrival }: Exchange, limits: ContentLimits): Look {
  const { decompressedBytes, bodyBytes, jsonDepth } = limits;
  const contentType = headers.get('content-type') ?? '';
  const scanner = jsonDepth !== null && isJson(contentType) ? new JsonScanner(jsonDepth) : null;
  if (scanner === null && decompressedBytes === null) return NONE;
  if (scanner !== null && !isScannable(contentType)) return CHARSET_UNKNOWN;
  const codings = contentCodings(headers.getList('content-encoding') ?? '');
  if (codings === null) return CODING_UNKNOWN;
  if (codings.length === 0) return scanner === null ? NONE : { kind: 'scan', scanner };
  const maxBytes = decompressedBytes ?? bodyBytes ?? arrival.bodyBytes;
  return { kind: 'decode', plan: { codings, maxBytes, scanner } };
}
