import { Agent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { ExternalAuthorizationConfig } from '@turnpike/config';
import type { Asked, DecisionClient } from './decision-client.ts';
import { HttpCall } from './http-call.ts';
import type { Question } from './question.ts';
import { failed, freshnessMs, type Field, type Verdict } from './verdict.ts';

/** Fields of an answer that concern the client in any case. */
const FOR_CLIENT = ['location', 'www-authenticate', 'content-type'];

/** How many there may be, and of those that nobody uses the last one first. */
const CONNECTIONS = { keepAlive: true, maxSockets: 256, maxFreeSockets: 16, scheduling: 'lifo' } as const;

/**
 * Asks over HTTP: the request of the client without its body, under the path of `url`. 2xx allows; 5xx is no decision; any
 * other answer denies, and is what the client gets.
 */
export class HttpDecisions implements DecisionClient {
  readonly #agent: Agent;
  readonly #request: typeof httpRequest;
  readonly #options: RequestOptions;
  readonly #host: string;
  readonly #prefix: string;
  readonly #forClient: ReadonlySet<string>;
  readonly #forService: ReadonlySet<string>;

  constructor({ url, clientHeaders, upstreamHeaders }: ExternalAuthorizationConfig) {
    const { protocol, hostname, port } = urlToHttpOptions(new URL(url));
    const isTls = protocol === 'https:';
    this.#agent = isTls ? new TlsAgent(CONNECTIONS) : new Agent(CONNECTIONS);
    this.#request = isTls ? httpsRequest : httpRequest;
    this.#options = { agent: this.#agent, hostname, port, setHost: false };
    this.#host = new URL(url).host;
    this.#prefix = new URL(url).pathname.replace(/\/$/, '');
    this.#forClient = new Set([...FOR_CLIENT, ...clientHeaders]);
    this.#forService = new Set(upstreamHeaders);
  }

  ask(question: Question, answered: (verdict: Verdict) => void): Asked {
    const { method, authority, target, headers } = question;
    const host = authority === '' ? this.#host : authority;
    const options: RequestOptions = {
      ...this.#options,
      method,
      path: this.#prefix + target,
      headers: ['host', host, 'content-length', '0', ...headers.flat()],
    };
    const call = new HttpCall(() => this.#request(options), {
      answered: (status, fields, body) => answered(this.#verdict(status, fields, body)),
      failed: (reason) => answered(failed(reason)),
    });
    call.send();
    return call;
  }

  close(): void {
    for (const sockets of Object.values(this.#agent.freeSockets)) {
      for (const socket of sockets ?? []) socket.destroy();
    }
  }

  #verdict(status: number, fields: readonly Field[], body: string): Verdict {
    const only = (names: ReadonlySet<string>) => fields.filter(([name]) => names.has(name));
    const cacheControl = fields.flatMap(([name, value]) => (name === 'cache-control' ? [value] : []));
    const freshMs = freshnessMs(cacheControl.length === 0 ? undefined : cacheControl.join(','));
    // Below 200 is what is no status at all, such as 099: the parser of Node.js takes any three digits.
    if (status < 200 || status >= 500) return failed(`status ${status}`);
    if (status >= 300) return { kind: 'denied', status, headers: only(this.#forClient), body, freshMs };
    const upstream = only(this.#forService);
    return { kind: 'allowed', upstream, added: [], removed: [], client: [], freshMs };
  }
}
