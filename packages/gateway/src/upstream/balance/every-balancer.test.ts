import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Balancer as BalancerConfig } from '@turnpike/config';
import * as fc from '@turnpike/testkit/fast-check';
import { exchangeFrom } from '../../core/exchange-testing.ts';
import { random } from '../../core/random.ts';
import { balancerOf, endpointAt, planOf } from './balance-testing.ts';
import type { BalancedEndpoint } from './candidates.ts';
import { EndpointStates } from './endpoint-states.ts';

const NOW = 1_700_000_000_000;

const CONFIGS: readonly BalancerConfig[] = [
  { kind: 'adaptive' },
  { kind: 'least-request' },
  { kind: 'round-robin' },
  { kind: 'random' },
  { kind: 'hash', by: [{ kind: 'path' }], boundedLoad: 1.25 },
  { kind: 'sticky', cookie: 'lb', secret: 'secret', lifetimeMs: 0 },
];

interface Case {
  readonly endpoints: readonly BalancedEndpoint[];
  readonly isDown: readonly boolean[];
  readonly isPenalised: readonly boolean[];
  readonly localZone: string | null;
  readonly panicThreshold: number;
  readonly seed: number;
}

const zone = fc.constantFrom(null, 'a', 'b');
const endpoint = fc.record({
  weight: fc.constantFrom(0, 0.5, 1, 1, 1, 3),
  zone,
  priority: fc.constantFrom(0, 0, 0, 1, 5),
  isDraining: fc.constantFrom(false, false, false, true),
});

/** Any services, the most of few endpoints, in any state. */
const anyCase: fc.Arbitrary<Case> = fc
  .array(fc.tuple(endpoint, fc.boolean(), fc.boolean()), { maxLength: 30 })
  .chain((drawn) =>
    fc.record({
      endpoints: fc.constant(drawn.map(([fields], slot) => endpointAt(slot, fields))),
      isDown: fc.constant(drawn.map(([, isDown]) => isDown)),
      isPenalised: fc.constant(drawn.map(([, , isPenalised]) => isPenalised)),
      localZone: zone,
      panicThreshold: fc.constantFrom(0, 30, 50, 100),
      seed: fc.nat(),
    }),
  );

function statesOf({ endpoints, isDown, isPenalised }: Case): EndpointStates {
  const states = new EndpointStates(EndpointStates.allocate(Math.max(1, endpoints.length), 1), 0);
  endpoints.forEach(({ slot }) => {
    if (isDown[slot] === true) states.setChecked(slot, false);
    if (isPenalised[slot] === true) states.penalise(slot, NOW + 1);
  });
  return states;
}

/** All that an exchange can try, in order, and why. */
function pickAll(config: BalancerConfig, drawn: Case) {
  const { endpoints, localZone, panicThreshold, seed } = drawn;
  let panics = 0;
  const chooser = balancerOf(planOf(config, { panicThreshold, slowStartMs: 1000 }), endpoints, {
    states: statesOf(drawn),
    random: random(seed),
    zone: localZone,
    panicked: () => panics++,
  });
  const exchange = exchangeFrom();
  const tried: number[] = [];
  const reasons: string[] = [];
  for (
    let index = chooser.pick(tried, NOW, exchange);
    index !== -1;
    index = chooser.pick(tried, NOW, exchange)
  ) {
    assert.ok(!tried.includes(index) && index < endpoints.length);
    tried.push(index);
    reasons.push(chooser.reason);
  }
  return { tried, reasons, panics };
}

function isCandidate({ weight, isDraining }: BalancedEndpoint): boolean {
  return weight > 0 && !isDraining;
}

/** Whether less than the threshold of its priority is healthy. */
function isIll(drawn: Case, { priority }: BalancedEndpoint): boolean {
  const level = drawn.endpoints.filter((e) => isCandidate(e) && e.priority === priority);
  const weightOf = (some: readonly BalancedEndpoint[]) => some.reduce((sum, { weight }) => sum + weight, 0);
  const healthy = weightOf(level.filter(({ slot }) => drawn.isDown[slot] !== true));
  return 100 * healthy < drawn.panicThreshold * weightOf(level);
}

for (const config of CONFIGS) {
  describe(`${config.kind}, whatever the endpoints`, () => {
    it('picks nobody twice, nobody who is drained, and nobody who is down but in a panic', () => {
      fc.assert(
        fc.property(anyCase, (drawn) => {
          const { tried, reasons, panics } = pickAll(config, drawn);
          tried.forEach((index, i) => {
            const endpoint = drawn.endpoints[index] ?? assert.fail();
            assert.ok(isCandidate(endpoint));
            assert.equal(reasons[i] === 'panic', drawn.isDown[index]);
            if (drawn.isDown[index] === true) assert.ok(isIll(drawn, endpoint));
          });
          assert.equal(panics, reasons.filter((reason) => reason === 'panic').length);
        }),
      );
    });

    it('picks somebody as long as there is somebody', () => {
      fc.assert(
        fc.property(anyCase, (drawn) => {
          const { tried } = pickAll(config, drawn);
          const left = drawn.endpoints.filter((e, index) => isCandidate(e) && !tried.includes(index));
          for (const endpoint of left) {
            assert.equal(drawn.isDown[endpoint.slot], true);
            const hasOneLevel = drawn.endpoints.every(
              (e) => !isCandidate(e) || e.priority === endpoint.priority,
            );
            assert.ok(!hasOneLevel || !isIll(drawn, endpoint));
          }
        }),
      );
    });
  });
}
