import type { Claims } from '../../core/identity.ts';
import { decodeBase64url } from './base64url.ts';
import { readJsonObject } from './strict-json.ts';

/** Why a text is not taken as a signed token. */
export type JwsFault = 'malformed' | 'encrypted' | 'critical';

/** A signed text in compact form (RFC 7515 §3.1). Nothing of it is proven yet. */
export interface Jws {
  readonly header: Claims;
  readonly algorithm: string;
  /** Only ever a name to look up among the keys that are known; null without one. */
  readonly keyId: string | null;
  /** In lower case and without `application/`; `''` without one. */
  readonly type: string;
  readonly payload: Buffer;
  /** What the signature is over: the first two parts as they were written. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const MAX_HEADER_BYTES = 1024;
const MAX_KEY_ID_LENGTH = 256;
const PARTS = 3;
/** Of a JWE (RFC 7516 §3.1). */
const ENCRYPTED_PARTS = 5;

/**
 * Reads a compact JWS. `jku`, `x5u`, `jwk` and `x5c` of the header are left alone: keys come from the configuration, never
 * from a token. Every `crit` is refused, because there is no extension that we know (RFC 7515 §4.1.11), and so is `b64`.
 */
export function readJws(text: string): Jws | JwsFault {
  const parts = text.split('.', ENCRYPTED_PARTS + 1);
  if (parts.length === ENCRYPTED_PARTS) return 'encrypted';
  const [head = '', body = '', tail = ''] = parts;
  if (parts.length !== PARTS || head.length > (MAX_HEADER_BYTES * 4) / 3 + 1) return 'malformed';
  const header = jsonOf(head);
  const payload = decodeBase64url(body);
  const signature = decodeBase64url(tail);
  if (header === null || payload === null || signature === null) return 'malformed';
  if ('crit' in header || ('b64' in header && header['b64'] !== true)) return 'critical';

  const { alg, kid = null, typ = '' } = header;
  if (typeof alg !== 'string' || typeof typ !== 'string') return 'malformed';
  if (kid !== null && (typeof kid !== 'string' || kid.length > MAX_KEY_ID_LENGTH)) return 'malformed';
  const signed = Buffer.from(text.slice(0, head.length + 1 + body.length), 'latin1');
  return { header, algorithm: alg, keyId: kid, type: typeName(typ), payload, signed, signature };
}

function jsonOf(part: string): Claims | null {
  const bytes = decodeBase64url(part);
  return bytes === null || bytes.length > MAX_HEADER_BYTES ? null : readJsonObject(bytes);
}

/** Media types have no case, and `application/` may be left out (RFC 7515 §4.1.9). */
function typeName(type: string): string {
  const lower = type.toLowerCase();
  return lower.startsWith('application/') ? lower.slice('application/'.length) : lower;
}
