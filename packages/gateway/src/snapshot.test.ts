import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatIssue, plainSource, readConfig } from '@turnpike/config';
import { ServiceLimits } from './admission/service-limits.ts';
import { compileSnapshot } from './snapshot.ts';
import type { SnapshotData } from './threads/protocol.ts';
import { EndpointStates, SUPERVISOR } from './upstream/balance/endpoint-states.ts';
import { Slots } from './upstream/balance/slots.ts';

/** Compiles a document whose only route has these policies. */
function compiled(policies: object): SnapshotData {
  const routes = { main: { match: { path: '/*' }, respond: { status: 200 }, policies } };
  const { config, issues } = readConfig([plainSource('test', { routes })]);
  if (config === null) throw new Error(issues.map((issue) => formatIssue(issue)).join('\n'));
  const slots = {
    endpoints: new Slots(new EndpointStates(EndpointStates.allocate(8, 1), SUPERVISOR), 0),
    services: new Slots(new ServiceLimits(ServiceLimits.allocate(8, 1), SUPERVISOR), 0, 'services'),
  };
  return compileSnapshot(config, slots, { revision: 1, nowMs: 0 }).data;
}

describe('a snapshot', () => {
  const limit = { limit: 10, per: '1m', by: 'ip' };
  const table: readonly (readonly [what: string, policies: object, hasExpressions: boolean])[] = [
    ['no policies', {}, false],
    ['a limit', { rateLimit: limit }, false],
    ['a cost of 1', { rateLimit: { ...limit, cost: 1 } }, false],
    ['a cost that is another number', { rateLimit: { ...limit, cost: 2.5 } }, false],
    ['a cost in CEL', { rateLimit: { ...limit, cost: 'size(request.path)' } }, true],
    ['a cost by the response', { rateLimit: { ...limit, responseCost: 'response.status' } }, true],
    ['a condition', { rateLimit: { ...limit, when: 'request.method == "GET"' } }, true],
  ];
  for (const [what, policies, hasExpressions] of table) {
    it(`${hasExpressions ? 'needs' : 'does not need'} expressions for ${what}`, () =>
      assert.equal(compiled(policies).hasExpressions, hasExpressions));
  }
});
