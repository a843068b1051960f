import type { KeyObject } from 'node:crypto';
import { AcmeFailure, asObject, httpsUrl, problemText } from './acme-failure.ts';
import type { AcmePorts } from './acme-ports.ts';
import { publicJwk, signedJws } from './jws.ts';

/** Whom to call, and who we are there. */
export interface AcmeAccess {
  readonly directory: string;
  /** PEM text of who vouches for the authority's own server; null: those that Node.js knows. */
  readonly authorities: string | null;
  readonly key: KeyObject;
  readonly signal: AbortSignal;
}

/** What came back. */
export interface AcmeAnswer {
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** The text as JSON, if it is. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Where things are at an authority (RFC 8555 §7.1.1). */
interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** RFC 9773; null: not offered. */
  readonly renewalInfo: string | null;
}

/** Authorities are in no hurry. */
const CALL_TIMEOUT_MS = 20_000;
/** A nonce may be refused at any time (RFC 8555 §6.5). */
const MOST_NONCES = 20;
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

/** Signed requests to one authority, for one order. Every one of them rejects with an {@link AcmeFailure}. */
export class AcmeClient {
  readonly #access: AcmeAccess;
  readonly #ports: AcmePorts;
  #directory: Promise<Directory> | null = null;
  #nonce: string | null = null;
  /** URL of the account (RFC 8555 §6.2: `kid`). */
  account: string | null = null;

  constructor(access: AcmeAccess, ports: AcmePorts) {
    this.#access = access;
    this.#ports = ports;
  }

  get key(): KeyObject {
    return this.#access.key;
  }

  get directory(): Promise<Directory> {
    return (this.#directory ??= this.#readDirectory());
  }

  /** An unsigned request. */
  async get(url: string): Promise<AcmeAnswer> {
    const { answer, failure } = await this.#call(url, {});
    if (failure !== null) throw failure;
    return answer;
  }

  /** A signed request; without payload it reads (RFC 8555 §6.3). */
  async post(url: string, payload: object | null): Promise<AcmeAnswer> {
    for (let attempt = 1; ; attempt++) {
      const nonce = this.#nonce ?? (await this.#freshNonce());
      this.#nonce = null;
      const who = this.account === null ? { jwk: publicJwk(this.key) } : { kid: this.account };
      const body = JSON.stringify(signedJws({ nonce, url, ...who }, payload, this.key));
      const headers = {
        'content-type': 'application/jose+json',
        accept: 'application/json, application/pem-certificate-chain',
      };
      const { answer, failure } = await this.#call(url, { method: 'POST', headers, body });
      this.#nonce = answer.headers.get('replay-nonce') ?? null;
      if (failure === null) return answer;
      if (failure.type !== 'badNonce' || attempt === MOST_NONCES) throw failure;
    }
  }

  /** How long to wait before something is asked for again, as the authority says; 0: it does not. */
  retryAfterMs(headers: ReadonlyMap<string, string>): number {
    const value = headers.get('retry-after') ?? '';
    const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - this.#ports.clock.epoch();
    return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS) : 0;
  }

  async #readDirectory(): Promise<Directory> {
    const { json } = await this.get(this.#access.directory);
    const { newNonce, newAccount, newOrder, renewalInfo } = json;
    return {
      newNonce: httpsUrl(newNonce, 'newNonce'),
      newAccount: httpsUrl(newAccount, 'newAccount'),
      newOrder: httpsUrl(newOrder, 'newOrder'),
      renewalInfo: typeof renewalInfo === 'string' ? httpsUrl(renewalInfo, 'renewalInfo') : null,
    };
  }

  async #freshNonce(): Promise<string> {
    const { newNonce } = await this.directory;
    const nonce = (await this.get(newNonce)).headers.get('replay-nonce');
    if (nonce === undefined) throw new AcmeFailure('the authority gives no nonce');
    return nonce;
  }

  async #call(
    url: string,
    request: Parameters<AcmePorts['http']['request']>[1],
  ): Promise<{ readonly answer: AcmeAnswer; readonly failure: AcmeFailure | null }> {
    const { authorities, signal } = this.#access;
    const limits = { authorities, signal, timeoutMs: CALL_TIMEOUT_MS };
    const found = await this.#ports.http.request(url, { ...request, ...limits }).catch((cause: unknown) => {
      throw new AcmeFailure(cause instanceof Error ? cause.message : String(cause), { cause });
    });
    const { status, headers, text } = found;
    const answer = { headers, text, json: jsonOf(text) };
    if (status >= 200 && status < 300) return { answer, failure: null };
    const { type, text: problem } = problemText(answer.json);
    const retryAfterMs = this.retryAfterMs(headers);
    return { answer, failure: new AcmeFailure(problem || `it answered ${status}`, { type, retryAfterMs }) };
  }
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}
