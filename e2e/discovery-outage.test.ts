import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withoutDnsServer } from '@turnpike/testkit/dns-server';
import { withoutEtcd } from '@turnpike/testkit/etcd-server';
import { surviveOutage } from './discovery-outage.ts';
import { dnsRegistry, etcdRegistry } from './discovery-world.ts';

const PLAN = { outageMs: 3000, reloadEveryMs: 500, clients: 8, pauseMs: 2 };

describe(
  'a registry that is gone for a while costs no request',
  { timeout: 240_000, concurrency: true },
  () => {
    it('etcd', { skip: withoutEtcd() }, async () => {
      assert.deepEqual((await surviveOutage(etcdRegistry, PLAN)).failures, []);
    });

    it('dns', { skip: withoutDnsServer() }, async () => {
      assert.deepEqual((await surviveOutage(dnsRegistry, PLAN)).failures, []);
    });
  },
);
