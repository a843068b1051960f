import type { ExternalAuthorizationConfig } from '@turnpike/config';
import { Deadline, type TimingWheel } from '../core/timing-wheel.ts';
import type { DecisionClient } from '../stages/authorize/external/decision-client.ts';
import { failed, freshnessMs, type Verdict } from '../stages/authorize/external/verdict.ts';
import type { OfflineWorld, ServiceAnswer } from './offline-types.ts';

/** Fields of an answer that concern the client in any case. */
const FOR_CLIENT = ['location', 'www-authenticate', 'content-type'];

/** What services that authorize and are functions need. */
export interface FakeAuthorizerPorts {
  readonly wheel: TimingWheel;
  readonly answer: OfflineWorld['authorizer'];
}

/** A service that authorizes, and is a function. Its status decides, as over HTTP. */
export function fakeAuthorizer(
  config: ExternalAuthorizationConfig,
  { wheel, answer }: FakeAuthorizerPorts,
): DecisionClient {
  return {
    ask({ method, target, headers }, answered) {
      let isWanted = true;
      const tell = (verdict: Verdict): void => void (isWanted && answered(verdict));
      const given = answer({ url: config.url, method, target, headers });
      const delayMs = given.kind === 'replies' ? given.delayMs : 0;
      const isSilent = given.kind === 'fails' && given.how === 'timeout';
      const deadline = new Deadline(() => tell(verdictOf(given, config)));
      if (delayMs > 0) wheel.set(deadline, delayMs);
      else if (!isSilent) setImmediate(() => tell(verdictOf(given, config)));
      return { abandon: () => void (isWanted = false) };
    },
    close: () => {},
  };
}

function verdictOf(
  answer: ServiceAnswer,
  { upstreamHeaders, clientHeaders }: ExternalAuthorizationConfig,
): Verdict {
  if (answer.kind === 'fails') return failed(`it fails: ${answer.how}`);
  const { status, headers, body } = answer;
  if (status >= 500) return failed(`status ${status}`);
  const fields = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const freshMs = freshnessMs(fields.find(([name]) => name === 'cache-control')?.[1]);
  const only = (names: readonly string[]) => fields.filter(([name]) => names.includes(name));
  if (status < 300)
    return { kind: 'allowed', upstream: only(upstreamHeaders), added: [], removed: [], client: [], freshMs };
  const told = only([...FOR_CLIENT, ...clientHeaders]);
  return { kind: 'denied', status, headers: told, body: body.toString('latin1'), freshMs };
}
