import { readFile, stat } from 'node:fs/promises';
import type { IdentityProviderConfig } from '@turnpike/config';
import type { Jwk } from '../../core/desk.ts';
import type { HttpAnswer, HttpClient } from '../http/http-client.ts';
import { parseKeySet } from './key-set.ts';
import type { Lesson } from './kept-fresh.ts';
import { maxAgeMs } from './max-age.ts';
import { metadataUrls, parseMetadata, type Metadata } from './metadata.ts';

/** Keys, and what came with them. */
export interface Keyring {
  readonly keys: readonly Jwk[];
  /** When the keys were found by discovery. */
  readonly metadata: Metadata | null;
}

/** Who is called to learn. */
export interface LearnPorts {
  /** For addresses of the configuration. */
  readonly http: HttpClient;
  /** For addresses that the provider names. */
  readonly namedHttp: HttpClient;
}

/** Learns the keys of a provider from where they are. */
export async function learnKeyring(
  { issuer, keys: from }: Pick<IdentityProviderConfig, 'issuer' | 'keys'>,
  { http, namedHttp }: LearnPorts,
  signal: AbortSignal,
): Promise<Lesson<Keyring>> {
  if (from.kind === 'discovery') {
    const { value: metadata } = await learnMetadata(http, issuer, signal);
    if (metadata.keysUrl === null)
      throw new Error('the provider names no address of keys as secure as its own');
    const { value: keys, maxAgeMs } = await learnKeys(namedHttp, metadata.keysUrl, signal);
    return { value: { keys, metadata }, maxAgeMs };
  }
  const isFile = from.kind === 'file';
  const { value: keys, maxAgeMs } = isFile
    ? await readKeys(from.path)
    : await learnKeys(http, from.url, signal);
  return { value: { keys, metadata: null }, maxAgeMs };
}

/** Asks a provider what it offers. */
export async function learnMetadata(
  http: HttpClient,
  issuer: string,
  signal: AbortSignal,
): Promise<Lesson<Metadata>> {
  const [url, other] = metadataUrls(issuer);
  const answer = await http.request(url, { signal, headers: JSON_WANTED });
  const isMissing = answer.status >= 400 && answer.status < 500;
  const instead = isMissing ? await http.request(other, { signal, headers: JSON_WANTED }) : null;
  const parse = (text: string): Metadata => parseMetadata(text, issuer);
  return instead?.status === 200 ? lesson(other, instead, parse) : lesson(url, answer, parse);
}

async function learnKeys(
  http: HttpClient,
  url: string,
  signal: AbortSignal,
): Promise<Lesson<readonly Jwk[]>> {
  return lesson(url, await http.request(url, { signal, headers: KEYS_WANTED }), parseKeySet);
}

async function readKeys(path: string): Promise<Lesson<readonly Jwk[]>> {
  const { size } = await stat(path);
  if (size > MAX_FILE_BYTES) throw new Error(`${path}: it is larger than ${MAX_FILE_BYTES} bytes`);
  const text = await readFile(path, 'utf8');
  return { value: about(path, () => parseKeySet(text)), maxAgeMs: null };
}

function lesson<T>(
  url: string,
  { status, headers, text }: HttpAnswer,
  parse: (text: string) => T,
): Lesson<T> {
  if (status !== 200) throw new Error(`${url}: status ${status}`);
  return { value: about(url, () => parse(text)), maxAgeMs: maxAgeMs(headers.get('cache-control') ?? '') };
}

/** Says of what it is said that it is not well. */
function about<T>(where: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const JSON_WANTED = { accept: 'application/json' };
const KEYS_WANTED = { accept: 'application/json, application/jwk-set+json' };
const MAX_FILE_BYTES = 1024 * 1024;
