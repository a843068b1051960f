import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OfficeStatus } from './back-office.ts';
import { officeReadings } from './office-readings.ts';

const NOW_MS = 1_800_000_000_000;

function statusOf(status: object): OfficeStatus {
  const nothing = { identityProviders: [], addressLists: [], discovery: [] };
  return { ...nothing, ...status } as unknown as OfficeStatus;
}

describe('the readings of what is learned from others', () => {
  it('say how old it is, and whether the source answers', () => {
    const status = statusOf({
      discovery: [{ service: 'orders', problem: 'no answer', ageSeconds: 42 }],
      identityProviders: [
        { id: 'corporate', state: 'degraded', keys: 2, learnedAt: new Date(NOW_MS - 90_000).toISOString() },
      ],
      addressLists: [{ id: 'offices', loadedAtMs: NOW_MS - 5000 }],
    });
    assert.deepEqual(
      officeReadings(status, NOW_MS).map(({ name, labels, values }) => [name, Object.values(labels), values]),
      [
        ['turnpike_discovery_up', ['orders'], [0]],
        ['turnpike_discovery_age_seconds', ['orders'], [42]],
        ['turnpike_provider_keys', ['corporate'], [2]],
        ['turnpike_provider_state', ['corporate'], [0, 1, 0]],
        ['turnpike_provider_keys_age_seconds', ['corporate'], [90]],
        ['turnpike_address_list_age_seconds', ['offices'], [5]],
      ],
    );
  });

  it('have no age of what was never learned', () => {
    const status = statusOf({
      discovery: [{ service: 'orders', problem: '', ageSeconds: null }],
      identityProviders: [{ id: 'corporate', state: 'unknown', keys: 0, learnedAt: null }],
      addressLists: [{ id: 'offices', loadedAtMs: 0 }],
    });
    const names = officeReadings(status, NOW_MS).map(({ name }) => name);
    assert.deepEqual(names, ['turnpike_discovery_up', 'turnpike_provider_keys', 'turnpike_provider_state']);
  });
});
