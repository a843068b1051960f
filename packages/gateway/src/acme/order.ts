import { generateKeyPairSync } from 'node:crypto';
import { type AccountHolder, useAccount } from './account.ts';
import type { AcmeAnswer, AcmeClient } from './acme-client.ts';
import { AcmeFailure, asObject, httpsUrl, problemText } from './acme-failure.ts';
import type { AcmePorts } from './acme-ports.ts';
import { namesOf, usablePair } from './certificate-facts.ts';
import type { KeyPair } from './challenge-certificate.ts';
import { certificateRequest } from './certificate-request.ts';
import { keyAuthorization } from './jws.ts';

/** How control of names is proven. */
export type ChallengeKind = 'http-01' | 'tls-alpn-01';

/** What has to be shown for one name. */
export interface Proof {
  readonly name: string;
  readonly token: string;
  readonly answer: string;
}

/** A certificate to be had. */
export interface OrderWish extends AccountHolder {
  readonly domains: readonly string[];
  readonly challenge: ChallengeKind;
  /** RFC 9773 §5: the certificate that this one is instead of, or null. */
  readonly replaces: string | null;
  readonly signal: AbortSignal;
  /** Shows the proofs; resolves when whoever asks for them finds them. */
  readonly show: (proofs: readonly Proof[]) => Promise<void>;
}

/** Longest time for the authority to look at the proofs, and to issue. */
const PATIENCE_MS = 300_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const MOST_PEM_CHARACTERS = 256 * 1024;

/**
 * Orders a certificate with a new key (RFC 8555 §7.4). Rejects with an {@link AcmeFailure}.
 *
 * 1. the account, 2. the order, 3. the proofs, for all names at once, 4. the certificate, 5. a look at what came.
 */
export async function orderCertificate(
  wish: OrderWish,
  client: AcmeClient,
  ports: AcmePorts,
): Promise<KeyPair> {
  // 1.
  await useAccount(client, wish);
  // 2.
  const { url, order } = await newOrder(wish, client);
  // 3.
  const open = await openAuthorizations(order, wish, client);
  if (open.length > 0) await wish.show(open.map(({ proof }) => proof));
  for (const { challenge } of open) await client.post(challenge, {});
  const patience = { client, ports, signal: wish.signal, untilMs: ports.clock.epoch() + PATIENCE_MS };
  for (const { authorization, proof } of open) await settled(authorization, ['valid'], patience, proof.name);
  // 4.
  const ready = await settled(url, ['ready', 'valid'], patience, 'the order');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const csr = certificateRequest(wish.domains, privateKey).toString('base64url');
  await client.post(httpsUrl(ready.json['finalize'], 'finalize'), { csr });
  const issued = await settled(url, ['valid'], patience, 'the order');
  const { text } = await client.post(httpsUrl(issued.json['certificate'], 'certificate'), null);
  // 5.
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return checked({ certificate: text, key }, wish.domains, ports.clock.epoch());
}

async function newOrder({ domains, replaces }: OrderWish, client: AcmeClient) {
  const { newOrder: url, renewalInfo } = await client.directory;
  const identifiers = domains.map((value) => ({ type: 'dns', value }));
  const mayReplace = replaces !== null && renewalInfo !== null;
  const answer = await client
    .post(url, { identifiers, ...(mayReplace && { replaces }) })
    .catch((error: unknown) => {
      // Somebody has replaced it already, or the authority knows nothing of it: it is no reason to go without one.
      if (!mayReplace || !(error instanceof AcmeFailure) || error.type === 'rateLimited') throw error;
      return client.post(url, { identifiers });
    });
  return { url: httpsUrl(answer.headers.get('location'), 'order'), order: answer };
}

interface OpenAuthorization {
  readonly authorization: string;
  readonly challenge: string;
  readonly proof: Proof;
}

async function openAuthorizations(
  order: AcmeAnswer,
  { challenge: kind, domains }: OrderWish,
  client: AcmeClient,
): Promise<OpenAuthorization[]> {
  const { authorizations } = order.json;
  const urls = Array.isArray(authorizations) ? authorizations.slice(0, domains.length) : [];
  const open: OpenAuthorization[] = [];
  for (const each of urls) {
    const authorization = httpsUrl(each, 'authorization');
    const { json } = await client.post(authorization, null);
    if (json['status'] === 'valid') continue;
    const name = String(asObject(json['identifier'])['value']).toLowerCase();
    if (!domains.includes(name))
      throw new AcmeFailure('the authority wants proof of a name that is not ours');
    const { url, token } = challengeOf(json, kind, name);
    const answer = keyAuthorization(token, client.key);
    open.push({ authorization, challenge: url, proof: { name, token, answer } });
  }
  return open;
}

function challengeOf(json: AcmeAnswer['json'], kind: ChallengeKind, name: string) {
  const offered = Array.isArray(json['challenges']) ? json['challenges'].map(asObject) : [];
  const found = offered.find(({ type }) => type === kind);
  const { token } = found ?? {};
  if (found === undefined) throw new AcmeFailure(`the authority offers no ${kind} for ${name}`);
  // RFC 8555 §8.3: at least 128 bits in base64url.
  if (typeof token !== 'string' || !/^[\w-]{22,256}$/.test(token))
    throw new AcmeFailure('the authority gives a malformed token');
  return { url: httpsUrl(found['url'], 'challenge'), token };
}

interface Patience {
  readonly client: AcmeClient;
  readonly ports: AcmePorts;
  readonly signal: AbortSignal;
  readonly untilMs: number;
}

/** Asks until something has one of these states, as often as the authority likes to be asked. */
async function settled(
  url: string,
  wanted: readonly string[],
  { client, ports, signal, untilMs }: Patience,
  what: string,
): Promise<AcmeAnswer> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const answer = await client.post(url, null);
    const status = String(answer.json['status']);
    if (wanted.includes(status)) return answer;
    if (!['pending', 'processing', 'ready'].includes(status))
      throw new AcmeFailure(`${what} is ${status}: ${reasonIn(answer)}`, { type: 'unauthorized' });
    const retryAfterMs = client.retryAfterMs(answer.headers);
    // Nobody holds a lock for an authority that says "tomorrow": the next order comes then.
    if (ports.clock.epoch() + Math.max(pauseMs, retryAfterMs) > untilMs)
      throw new AcmeFailure(`${what} is still ${status}, and would be after five minutes`, { retryAfterMs });
    await ports.wait(Math.max(pauseMs, retryAfterMs), signal);
    if (signal.aborted) throw new AcmeFailure('the order was given up');
  }
}

/** Why an authorisation or an order failed: its own error, or that of a challenge. */
function reasonIn({ json }: AcmeAnswer): string {
  const challenges = Array.isArray(json['challenges']) ? json['challenges'].map(asObject) : [];
  const [error] = [json['error'], ...challenges.map((one) => one['error'])].filter(
    (one) => one !== undefined,
  );
  return error === undefined ? 'the authority does not say why' : problemText(error).text;
}

/** What came is for our key, our names and this time, and can be shown; the rest is between the authority and the clients. */
function checked(pair: KeyPair, domains: readonly string[], nowMs: number): KeyPair {
  const { certificate } = pair;
  try {
    if (certificate.length > MOST_PEM_CHARACTERS) throw new Error('it is too long');
    if (usablePair(pair).toMs <= nowMs) throw new Error('it is over already');
    const names = namesOf(certificate);
    const missing = domains.filter((name) => !names.includes(name));
    if (missing.length > 0) throw new Error(`it is not for ${missing.join(', ')}`);
    return pair;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AcmeFailure(`the certificate cannot be used: ${why}`, { cause });
  }
}
