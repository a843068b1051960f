import type { AuthenticateConfig } from '@turnpike/config';
import type { Decisions, DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import type { Authentication, Authenticator, Identities, Refusal } from '../../core/identity.ts';
import { refuse } from '../../core/problem.ts';
import { untilCancelled } from '../../core/until-cancelled.ts';
import { concealment, type Conceal } from './concealment.ts';

/** What this stage reaches the world through. */
export interface AuthenticatePorts {
  readonly identities: Identities;
  readonly decisions: DecisionsOf;
}

/** Reasons of this stage itself; the schemes have their own. */
export const AUTHENTICATE_REASONS = [
  /** No credentials. */
  'anonymous',
  /** A browser was sent to log in. */
  'login',
] as const;

const RULE = 'authenticate';
/** A provider that is back is noticed within about a second. */
const RETRY_AFTER_SECONDS = '1';

/** A reason to go no further: what to count, and what to answer if the policy acts. */
interface Obstacle {
  readonly kind: 'denied' | 'failed';
  readonly reason: string;
  readonly reply: () => Reply;
}

/**
 * Finds out who is calling. Callers without credentials pass where they are optional, callers with wrong ones never do; in
 * report mode everybody passes, and who is known is known to the stages after this one.
 */
export function authenticate(config: AuthenticateConfig | null, ports: AuthenticatePorts): Wrapper | null {
  if (config === null) return null;
  const authenticator = ports.identities.authenticator(config);
  const decisions = ports.decisions(RULE);
  const policy: Policy = {
    authenticator,
    decisions,
    optional: config.optional,
    conceal: concealment(config, authenticator.sessionCookies),
    stop: config.mode === 'report' ? report(decisions) : enforce(decisions),
  };

  return (next) => (exchange) => {
    const known = authenticator.recall(exchange);
    if (known === null) return meet(exchange, policy, next);
    exchange.identity = known;
    decisions.allowed();
    policy.conceal(exchange);
    return next(exchange);
  };
}

interface Policy {
  readonly authenticator: Authenticator;
  readonly decisions: Decisions;
  readonly optional: boolean;
  readonly conceal: Conceal;
  /** The reply to give now, or null to go on. */
  readonly stop: (obstacle: Obstacle) => Reply | null;
}

/** The long way: for credentials that are new to this thread, and for none. */
async function meet(exchange: Exchange, policy: Policy, next: Handler): Promise<Reply> {
  // Whoever has to wait for a provider may go away meanwhile, or run out of time.
  const answer = await untilCancelled(exchange, policy.authenticator.authenticate(exchange));
  const obstacle = obstacleIn(answer, exchange, policy);
  if (obstacle !== null) return policy.stop(obstacle) ?? next(exchange);
  policy.decisions.allowed();
  if (answer.kind === 'identified') exchange.identity = answer.identity;
  policy.conceal(exchange);
  const reply = await next(exchange);
  return answer.kind === 'identified' ? withNews(reply, answer) : reply;
}

function obstacleIn(answer: Authentication, exchange: Exchange, policy: Policy): Obstacle | null {
  const { challenges } = policy.authenticator;
  switch (answer.kind) {
    case 'identified':
      return null;
    case 'refused':
      return refusal(answer, exchange, challenges);
    case 'login':
      return policy.optional ? null : { kind: 'denied', reason: 'login', reply: () => answer.reply };
    case 'anonymous':
      return policy.optional ? null : anonymous(exchange, challenges);
    default:
      return answer satisfies never;
  }
}

function anonymous(exchange: Exchange, challenges: readonly string[]): Obstacle {
  const detail = 'The request carries no credentials.';
  const reply = () => unauthenticated(exchange, challenges, detail);
  return { kind: 'denied', reason: 'anonymous', reply };
}

function refusal(answer: Refusal, exchange: Exchange, challenges: readonly string[]): Obstacle {
  const { code, reason, detail, challenge, nonce = '' } = answer;
  if (code === 'UNAUTHENTICATED') {
    const asked = challenge === '' ? challenges : [challenge];
    const reply = () => withNonce(unauthenticated(exchange, asked, detail), nonce);
    return { kind: 'denied', reason, reply };
  }
  const fields = [['Retry-After', RETRY_AFTER_SECONDS]] as const;
  return { kind: 'failed', reason, reply: () => refuse(exchange, code, { fields, detail, rule: RULE }) };
}

function unauthenticated(exchange: Exchange, challenges: readonly string[], detail: string): Reply {
  const fields = challenges.map((challenge) => ['WWW-Authenticate', challenge] as const);
  return refuse(exchange, 'UNAUTHENTICATED', { fields, detail, rule: RULE });
}

function enforce(decisions: Decisions): Policy['stop'] {
  return ({ kind, reason, reply }) => {
    decisions[kind](reason);
    return reply();
  };
}

function report(decisions: Decisions): Policy['stop'] {
  return ({ reason }) => {
    decisions.reported(reason);
    return null;
  };
}

/**
 * The reply with cookies of a session that was renewed, or a nonce; headers of a reply may be those of others as well. In report mode
 * too: the provider has taken the old tokens back, so that without them the session would be lost.
 */
function withNews(
  reply: Reply,
  { cookies, nonce = '' }: Extract<Authentication, { kind: 'identified' }>,
): Reply {
  if (cookies.length === 0 && nonce === '') return reply;
  const headers = reply.headers.share();
  for (const cookie of cookies) headers.append('Set-Cookie', cookie);
  if (nonce !== '') headers.set('DPoP-Nonce', nonce);
  // A cache that keeps the reply would give the session to others (RFC 9111 §7.3), or a nonce that is over (RFC 9449 §8.2).
  headers.set('Cache-Control', 'no-store');
  return { ...reply, headers };
}

/** A refusal is of its request alone. */
function withNonce(reply: Reply, nonce: string): Reply {
  if (nonce !== '') reply.headers.set('DPoP-Nonce', nonce);
  return reply;
}
