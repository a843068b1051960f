import type { Exchange, Reply } from '../core/exchange.ts';
import { headersOf } from '../core/headers.ts';
import type { ShownProofs } from './shown-proofs.ts';

/** RFC 8555 §8.3. */
const PREFIX = '/.well-known/acme-challenge/';

/** Answers what authorities ask while they look; null: it is no such question, and routes come next. */
export type AnswerChallenge = (exchange: Exchange) => Reply | null;

/** Answers with these; null as long as there are none, so that nobody has to look. */
export function challengeAnswers(answers: ShownProofs['answers']): AnswerChallenge | null {
  if (answers.length === 0) return null;
  const byToken = new Map(answers.map(({ token, answer }) => [token, answer]));
  return ({ path, method }) => {
    if (!path.startsWith(PREFIX) || (method !== 'GET' && method !== 'HEAD')) return null;
    const answer = byToken.get(path.slice(PREFIX.length));
    if (answer === undefined) return null;
    const headers = headersOf(['Content-Type', 'application/octet-stream'], ['Cache-Control', 'no-store']);
    return { status: 200, headers, body: answer, code: '', tunnel: null };
  };
}
