import type { Desk, Errands } from '../../core/desk.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Claims, Refusal } from '../../core/identity.ts';
import type { Clock } from '../../core/ports.ts';
import { confirmationOf } from './confirmation.ts';
import type { Provider } from './provider.ts';
import { tokenDigest } from './refused-tokens.ts';
import { readJsonObject } from './strict-json.ts';
import { expiryMs, faultOfAnswer } from './token-claims.ts';
import { refusal, unavailable, type TokenReason } from './token-refusals.ts';
import { verifiedToken, type VerifiedToken } from './verified-token.ts';

/** What it takes to ask. */
export interface IntrospectionPorts {
  readonly clock: Clock;
  readonly desk: Desk;
}

/** A provider that can be asked, and what about. */
interface Question {
  readonly provider: Provider;
  readonly token: string;
  readonly digest: string;
}

type Answer = Errands['introspect']['gives'];

/**
 * Judges a token that only its provider can read (RFC 7662): asks those that can be asked, in order, until one vouches for
 * it. If none does and one did not answer, nobody can tell.
 */
export async function introspect(
  token: string,
  providers: readonly Provider[],
  ports: IntrospectionPorts,
): Promise<VerifiedToken | Refusal> {
  const digest = tokenDigest(token);
  let verdict = refusal('opaque');
  for (const provider of providers) {
    if (provider.config.introspection === null) continue;
    const answer = await verdictOf({ provider, token, digest }, ports);
    if (answer.kind === 'verified') return answer;
    if (verdict.code !== 'IDENTITY_UNAVAILABLE') verdict = answer;
  }
  return verdict;
}

async function verdictOf(question: Question, ports: IntrospectionPorts): Promise<VerifiedToken | Refusal> {
  const { provider, digest } = question;
  const known = provider.refused.reasonFor(digest, ports.clock.now());
  if (known !== null) return refusal(known);
  const answer = await ask(question, ports.desk);
  if (answer === null) return unavailable('introspection-unavailable', provider.config.id);
  const verdict = answer.isActive ? judge(question, answer, ports.clock.epoch()) : 'inactive';
  if (typeof verdict !== 'string') return verdict;
  provider.refused.add(digest, verdict, ports.clock.now());
  return refusal(verdict);
}

/** Null: the provider does not answer, or will not answer us. */
async function ask({ provider, token }: Question, desk: Desk): Promise<Answer | null> {
  try {
    return await desk.run('introspect', { provider: provider.config.id, token });
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}

/** An active token may still be for somebody else, or bound to a key. */
function judge({ provider, token }: Question, answer: Answer, nowMs: number) {
  const { config } = provider;
  const claims = bare(answer.claims);
  if (claims === null) return 'claims';
  const fault: TokenReason | null = faultOfAnswer(claims, config, nowMs);
  if (fault !== null) return fault;
  const confirmation = confirmationOf(claims, config);
  if (typeof confirmation === 'string') return confirmation;
  const goodUntilMs = expiryMs(claims) + config.clockToleranceMs;
  const { askAgainAtMs } = answer;
  const proven = { token, claims, provider, confirmation, key: null };
  return verifiedToken({ ...proven, goodUntilMs, askAgainAtMs }) ?? 'claims';
}

/** Claims that came from another thread have prototypes again: read anew, they are like those of a signed token. */
function bare(claims: Claims): Claims | null {
  return readJsonObject(Buffer.from(JSON.stringify(claims)));
}
