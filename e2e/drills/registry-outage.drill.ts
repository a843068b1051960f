import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { surviveOutage } from '../discovery-outage.ts';
import { dnsRegistry, etcdRegistry } from '../discovery-world.ts';

/** As the requirement has it. `OUTAGE_SECONDS` is for who tries this out. */
const outageMs = Number(process.env['OUTAGE_SECONDS'] ?? 600) * 1000;
const PLAN = { outageMs, reloadEveryMs: 20_000, clients: 8, pauseMs: 20 };

describe(
  'ten minutes without the registry cost no request',
  { timeout: 1_800_000, concurrency: true },
  () => {
    for (const [kind, openRegistry] of [
      ['etcd', etcdRegistry],
      ['dns', dnsRegistry],
    ] as const) {
      it(kind, async (test) => {
        const { failures, ...figures } = await surviveOutage(openRegistry, PLAN);
        test.diagnostic(JSON.stringify({ kind, failures: failures.length, ...figures }));
        assert.deepEqual(failures, []);
      });
    }
  },
);
