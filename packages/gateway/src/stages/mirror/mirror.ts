import type { MirrorConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Handler, Wrapper } from '../../core/exchange.ts';
import type { Random } from '../../core/random.ts';
import { tapBody } from '../../core/tap-body.ts';
import { Deadline, type TimingWheel } from '../../core/timing-wheel.ts';
import type { Copies } from './copies.ts';
import { copyExchange } from './copy-exchange.ts';
import { drained } from './drained.ts';

/** What the stage works with. */
export interface MirrorPorts {
  /** The way to the other service. */
  readonly send: Handler;
  readonly copies: Copies;
  readonly wheel: TimingWheel;
  readonly random: Random;
  readonly decisions: DecisionsOf;
}

/**
 * Sends copies of requests to another service as well, and drops its answers: to see how it does with real traffic.
 *
 * The request itself never waits for its copy and never fails with it. A body is copied on its way to the service, and the copy
 * sets out when it is complete; one that is too large, or that does not say how long it is, is not copied. Copies are counted
 * as decisions of this policy, and nowhere else.
 */
export function mirror(config: MirrorConfig | null, ports: MirrorPorts): Wrapper | null {
  if (config === null) return null;
  const { percent, bodyBytes } = config;
  const { copies, wheel, random } = ports;
  const count = ports.decisions('mirror');
  const isReport = config.mode === 'report';

  async function send(copy: Exchange): Promise<void> {
    const overdue = new Deadline(() => copy.cancel('DEADLINE_EXCEEDED'));
    wheel.set(overdue, COPY_TIMEOUT_MS);
    try {
      await drained(copy, await ports.send(copy));
    } catch {
      // Whatever it is, nobody waits for the answer.
      count.failed('no-answer');
    } finally {
      wheel.remove(overdue);
      copies.end();
      copy.end();
    }
  }

  function begin(copy: Exchange): void {
    if (!copies.tryBegin()) return count.failed('too-many');
    count.allowed();
    void send(copy);
  }

  /** What is to be done when the request itself has set out, or null. */
  function prepare(exchange: Exchange): (() => void) | null {
    const { body, upgrade } = exchange;
    const isTooLarge = body !== null && !(body.length >= 0 && body.length <= bodyBytes);
    if (upgrade !== '' || isTooLarge) {
      count.failed(upgrade === '' ? 'body' : 'upgrade');
      return null;
    }
    if (isReport) {
      count.reported('copy');
      return null;
    }
    const copy = copyExchange(exchange, null, wheel.nowMs);
    if (body === null || typeof body === 'string') {
      copy.body = body;
      return () => begin(copy);
    }
    exchange.body = tapBody(body, bodyBytes, (bytes) => {
      copy.body = bytes;
      begin(copy);
    });
    return null;
  }

  return (next) => (exchange) => {
    if (100 * random.unit() >= percent) return next(exchange);
    const sendCopy = prepare(exchange);
    const reply = next(exchange);
    sendCopy?.();
    return reply;
  };
}

/** Head and body of an answer that nobody reads. */
const COPY_TIMEOUT_MS = 10_000;
