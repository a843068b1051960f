import type { Reading } from '../observe/series-book.ts';
import type { OfficeStatus } from './back-office.ts';

const PROVIDER_STATES = ['ready', 'degraded', 'unknown'] as const;

/** What is known of registries, identity providers and lists as metrics. Of what was never learned there is no age. */
export function officeReadings(status: Omit<OfficeStatus, 'descriptors'>, nowMs: number): Reading[] {
  const { discovery, identityProviders, addressLists } = status;
  return [
    ...discovery.flatMap(({ service, problem, ageSeconds }): Reading[] => [
      { name: 'turnpike_discovery_up', labels: { service }, values: [problem === '' ? 1 : 0] },
      ...ageOf('turnpike_discovery_age_seconds', { service }, ageSeconds),
    ]),
    ...identityProviders.flatMap(({ id: provider, state, keys, learnedAt }): Reading[] => [
      { name: 'turnpike_provider_keys', labels: { provider }, values: [keys] },
      {
        name: 'turnpike_provider_state',
        labels: { provider },
        values: PROVIDER_STATES.map((one) => (one === state ? 1 : 0)),
      },
      ...ageOf(
        'turnpike_provider_keys_age_seconds',
        { provider },
        learnedAt === null ? null : (nowMs - Date.parse(learnedAt)) / 1000,
      ),
    ]),
    ...addressLists.flatMap(({ id: list, loadedAtMs }) =>
      ageOf(
        'turnpike_address_list_age_seconds',
        { list },
        loadedAtMs === 0 ? null : (nowMs - loadedAtMs) / 1000,
      ),
    ),
  ];
}

function ageOf(name: Reading['name'], labels: Reading['labels'], seconds: number | null): Reading[] {
  return seconds === null ? [] : [{ name, labels, values: [seconds] }];
}
