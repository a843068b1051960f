import type { CredentialSource } from '../resolved.ts';
import { type Parsed, refused, understood } from './parsed.ts';

// None of the parsers of secrets says anything of the text but what is wrong with its form.

const MIN_KEY_LENGTH = 16;
const MAX_KEY_LENGTH = 256;

/**
 * An API key, or its digest as `sha256:HEX`. A key that is short can be guessed; one with other characters cannot be
 * sent in every place where keys are looked for.
 */
export function parseApiKey(text: string): Parsed<string> {
  if (/^sha256:/i.test(text)) {
    const [, digest] = /^sha256:([0-9a-f]{64})$/i.exec(text) ?? [];
    if (digest === undefined) return refused('is not sha256: and 64 hexadecimal digits');
    return understood(`sha256:${digest.toLowerCase()}`);
  }
  if (text.length < MIN_KEY_LENGTH) return refused(`has fewer than ${MIN_KEY_LENGTH} characters`);
  if (text.length > MAX_KEY_LENGTH) return refused(`has more than ${MAX_KEY_LENGTH} characters`);
  return /^[\x21-\x7e]*$/.test(text)
    ? understood(text)
    : refused('has a space or a character that is not visible ASCII');
}

/** A password in plain text, or a PHC string of scrypt or argon2id that does not cost more than a gateway should spend. */
export function parsePassword(text: string): Parsed<string> {
  if (text === '') return refused('is empty');
  const [, scheme] = /^\$([a-z0-9-]+)\$/.exec(text) ?? [];
  if (scheme === undefined) return understood(text);
  const cost = scheme === 'scrypt' ? scryptCost(text) : argon2Cost(text);
  if (cost === null) return refused('is neither a password nor a PHC string of scrypt or argon2id');
  return cost.memoryBytes <= MAX_MEMORY_BYTES && cost.passes <= MAX_PASSES && cost.lanes <= MAX_LANES
    ? understood(text)
    : refused('is a PHC string that costs more than a gateway should spend on a password');
}

const MAX_MEMORY_BYTES = 256 * 2 ** 20;
const MAX_PASSES = 64;
const MAX_LANES = 16;

interface Cost {
  readonly memoryBytes: number;
  readonly passes: number;
  readonly lanes: number;
}

function scryptCost(text: string): Cost | null {
  const [, ln, r, lanes, salt = '', hash = ''] =
    /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d{0,2}),p=([1-9]\d?)\$([^$]*)\$([^$]*)$/.exec(text) ?? [];
  if (!isBase64Of(salt, 8) || !isBase64Of(hash, 16)) return null;
  const memoryBytes = 128 * Number(r) * (2 ** Number(ln) + Number(lanes));
  return { memoryBytes, passes: 1, lanes: Number(lanes) };
}

function argon2Cost(text: string): Cost | null {
  const [, memory, passes, lanes, salt = '', hash = ''] =
    /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=([1-9]\d{0,2})\$([^$]*)\$([^$]*)$/.exec(text) ??
    [];
  if (!isBase64Of(salt, 8) || !isBase64Of(hash, 16) || Number(memory) < 8 * Number(lanes)) return null;
  return { memoryBytes: Number(memory) * 1024, passes: Number(passes), lanes: Number(lanes) };
}

/** Base64 without padding, in its one canonical form, of so many bytes and at most 64. */
function isBase64Of(text: string, minBytes: number): boolean {
  if (!/^[A-Za-z0-9+/]+$/.test(text) || text.length % 4 === 1) return false;
  const bytes = atob(text);
  return bytes.length >= minBytes && bytes.length <= 64 && btoa(bytes).replace(/=+$/, '') === text;
}

/** The user name of basic credentials; a colon would end it (RFC 7617 §2). */
export function parseUsername(text: string): Parsed<string> {
  if (text === '') return refused('is empty');
  return /[:\p{Cc}]/u.test(text) ? refused('has a colon or a control character') : understood(text);
}

/** The PEM text of a private key, not encrypted. */
export function parsePrivateKey(text: string): Parsed<string> {
  const [, label] = /^\s*-----BEGIN ([A-Z ]*PRIVATE KEY)-----\s[^-]*-----END \1-----\s*$/.exec(text) ?? [];
  if (label === undefined)
    return refused('is not the PEM text of a private key; for a file write "${file:path}"');
  if (label.startsWith('ENCRYPTED') || text.includes('Proc-Type'))
    return refused('is an encrypted key; decrypt it');
  return understood(text);
}

const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** The name of a cookie (RFC 6265 §4.1.1). */
export function parseCookieName(text: string): Parsed<string> {
  return TOKEN.test(text) ? understood(text) : refused('is not the name of a cookie');
}

/** Where a credential is looked for: `header:x-api-key`, `query:key`, `cookie:key`. */
export function parseCredentialSource(text: string): Parsed<CredentialSource> {
  const [, where, name = ''] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  if (where === undefined) return refused('has no name', TOKEN.test(text) ? `header:${text}` : undefined);
  if (where !== 'header' && where !== 'query' && where !== 'cookie')
    return refused('is none of header:, query: and cookie:');
  if (where !== 'query' && !TOKEN.test(name)) return refused(`is not the name of a ${where}`);
  return understood({ in: where, name: where === 'header' ? name.toLowerCase() : name });
}
