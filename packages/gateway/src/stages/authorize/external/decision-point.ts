import type { ExternalAuthorizationConfig } from '@turnpike/config';
import type { Exchange } from '../../../core/exchange.ts';
import type { Clock, Log } from '../../../core/ports.ts';
import { Remembered } from '../../../core/remembered.ts';
import type { TimingWheel } from '../../../core/timing-wheel.ts';
import { Breaker } from './breaker.ts';
import { Consultation } from './consultation.ts';
import type { DecisionClient } from './decision-client.ts';
import { keyOf, type Ask, type Question } from './question.ts';
import { failed, type Verdict } from './verdict.ts';

/** What decision points are made with. */
export interface DecisionPorts {
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly log: Log;
}

/** A decision, and until when it stands. */
interface Remembering {
  readonly verdict: Exclude<Verdict, { kind: 'failed' }>;
  /** On the monotonic clock. */
  readonly untilMs: number;
}

/** Decisions remembered in a generation: so many, and fewer if they are large. */
const MOST_REMEMBERED = 10_000;
/** Up to this size a decision counts as one. */
const BYTES_OF_ONE = 512;

/**
 * A service that decides, as this thread knows it: what it said a short while ago, what it is being asked, and whether it is
 * worth asking. With `cacheMs` 0 every request is a question of its own; otherwise equal questions are one.
 */
export class DecisionPoint {
  readonly #config: ExternalAuthorizationConfig;
  readonly #client: DecisionClient;
  readonly #ports: DecisionPorts;
  readonly #breaker = new Breaker();
  readonly #remembered = new Remembered<Remembering>(MOST_REMEMBERED, weightOf);
  readonly #underWay = new Map<string, Consultation>();

  constructor(config: ExternalAuthorizationConfig, client: DecisionClient, ports: DecisionPorts) {
    this.#config = config;
    this.#client = client;
    this.#ports = ports;
  }

  /** What it says of this exchange. Rejects only when the exchange is cancelled meanwhile. */
  decide(exchange: Exchange, ask: Ask): Promise<Verdict> {
    const question = ask(exchange, this.#ports.clock.epoch());
    if (this.#config.cacheMs === 0) return this.#consult(question, null)?.join(exchange) ?? SPARED;
    const key = keyOf(question, exchange.identity?.key ?? null);
    const known = this.#remembered.get(key);
    if (known !== undefined && known.untilMs > this.#ports.clock.now()) return Promise.resolve(known.verdict);
    const consultation = this.#underWay.get(key) ?? this.#consult(question, key);
    return consultation?.join(exchange) ?? SPARED;
  }

  /** Nobody is going to ask in the near future. */
  close(): void {
    this.#client.close();
  }

  /** Asks; null: it is spared. */
  #consult(question: Question, key: string | null): Consultation | null {
    if (!this.#breaker.mayAsk(this.#ports.clock.now())) return null;
    const consultation = new Consultation({
      timeoutMs: this.#config.timeoutMs,
      wheel: this.#ports.wheel,
      ask: (answered) => this.#client.ask(question, answered),
      over: (verdict) => this.#over(verdict, key),
    });
    if (key !== null) this.#underWay.set(key, consultation);
    consultation.start();
    return consultation;
  }

  #over(verdict: Verdict | null, key: string | null): void {
    if (key !== null) this.#underWay.delete(key);
    if (verdict === null) return;
    if (verdict.kind === 'failed') {
      this.#failed(verdict.reason);
      return;
    }
    this.#breaker.succeeded();
    const lifetimeMs = Math.min(this.#config.cacheMs, verdict.freshMs);
    if (key === null || lifetimeMs <= 0 || hasCookies(verdict)) return;
    this.#remembered.set(key, { verdict, untilMs: this.#ports.clock.now() + lifetimeMs });
  }

  #failed(reason: string): void {
    const { log, clock } = this.#ports;
    const { url } = this.#config;
    const isPause = this.#breaker.failed(clock.now());
    if (isPause) log.warn('a service that authorizes fails again and again', { url, reason });
    else log.debug('a service that authorizes has failed', { url, reason });
  }
}

/** For all who come while it is spared. */
const SPARED: Promise<Verdict> = Promise.resolve(failed('spared after failures'));

/** A cookie is for one browser, whatever the question was. */
function hasCookies(verdict: Remembering['verdict']): boolean {
  const fields = verdict.kind === 'allowed' ? verdict.client : verdict.headers;
  return fields.some(([name]) => name === 'set-cookie');
}

function weightOf(_: string, { verdict }: Remembering): number {
  const fields =
    verdict.kind === 'allowed' ? [...verdict.upstream, ...verdict.added, ...verdict.client] : verdict.headers;
  let bytes = verdict.kind === 'denied' ? verdict.body.length : 0;
  for (const [name, value] of fields) bytes += name.length + value.length;
  return Math.max(1, Math.ceil(bytes / BYTES_OF_ONE));
}
