import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { ClientCertificateConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import { certificate, CN, O, type CertificateWish } from '../certificate-testing.ts';
import { compileConsumers } from './compile-consumers.ts';
import { ConsumerDirectory } from './consumer-directory.ts';
import { consumer, outcome, recalled } from './consumers-testing.ts';

const NOW = Date.UTC(2026, 0, 1);

function only(fields: Partial<ClientCertificateConfig>): ClientCertificateConfig {
  return { subject: null, san: null, fingerprint: null, ...fields };
}

async function who(
  rules: Readonly<Record<string, ClientCertificateConfig>>,
  der: Uint8Array,
): Promise<string> {
  const consumers = Object.entries(rules).map(([id, rule]) => consumer(id, { certificates: [rule] }));
  return outcome(
    await new ConsumerDirectory(compileConsumers(consumers), manualClock(NOW)).byCertificate.find(der),
  );
}

function fingerprint(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

describe('a client certificate', () => {
  const wish: CertificateWish = {
    subject: [[[O, 'Example']], [[CN, 'warehouse']]],
    names: [
      ['dns', 'warehouse.example'],
      ['uri', 'spiffe://example.org/warehouse'],
      ['ip', '20010db8000000000000000000000001'],
    ],
  };
  const der = certificate(wish);

  const known: readonly Partial<ClientCertificateConfig>[] = [
    { subject: 'CN=warehouse,O=Example' },
    { san: 'dns:WAREHOUSE.example' },
    { san: 'uri:spiffe://example.org/warehouse' },
    { san: 'ip:2001:db8:0::1' },
    { fingerprint: fingerprint(der) },
    { subject: 'CN=warehouse,O=Example', san: 'dns:warehouse.example', fingerprint: fingerprint(der) },
  ];
  for (const rule of known) {
    it(`is known by ${JSON.stringify(rule)}`, async () =>
      assert.equal(await who({ a: only(rule) }, der), 'a'));
  }

  const unknown: readonly Partial<ClientCertificateConfig>[] = [
    { subject: 'O=Example,CN=warehouse' },
    { subject: 'CN=warehouse' },
    { san: 'dns:example' },
    { san: 'email:warehouse.example' },
    { san: 'uri:spiffe://example.org/warehouse/' },
    { fingerprint: '0'.repeat(64) },
    { subject: 'CN=warehouse,O=Example', san: 'dns:other.example' },
    { subject: 'CN=other', fingerprint: fingerprint(der) },
    { subject: 'CN=other', san: 'dns:warehouse.example' },
    {},
  ];
  for (const rule of unknown) {
    it(`is not known by ${JSON.stringify(rule)}`, async () =>
      assert.equal(await who({ a: only(rule) }, der), 'UNAUTHENTICATED unknown'));
  }

  it('has a SPIFFE id only if that is its one URI', async () => {
    const id = 'spiffe://example.org/warehouse';
    const two = certificate({
      names: [
        ['uri', id],
        ['uri', 'https://example.org/'],
      ],
    });
    assert.equal(await who({ a: only({ san: `uri:${id}` }) }, two), 'UNAUTHENTICATED unknown');
    assert.equal(await who({ a: only({ san: 'uri:https://example.org/' }) }, two), 'a');
  });

  it('is that of the rule that says most, whatever the order', async () => {
    const rules = {
      subject: only({ subject: 'CN=warehouse,O=Example' }),
      san: only({ san: 'dns:warehouse.example' }),
      fingerprint: only({ fingerprint: fingerprint(der) }),
    };
    assert.equal(await who(rules, der), 'fingerprint');
    assert.equal(await who({ subject: rules.subject, san: rules.san }, der), 'san');
    assert.equal(await who({ first: rules.subject, second: rules.subject }, der), 'first');
  });

  it('is refused before and after its time, to the second', async () => {
    const clock = manualClock(NOW);
    const short = certificate({ ...wish, notBefore: '20260101000001Z', notAfter: '20260101000005Z' });
    const consumers = compileConsumers([
      consumer('a', { certificates: [only({ subject: 'CN=warehouse,O=Example' })] }),
    ]);
    const lookup = new ConsumerDirectory(consumers, clock).byCertificate;
    assert.equal(outcome(await lookup.find(short)), 'UNAUTHENTICATED not-yet-valid');
    clock.advance(1000);
    const found = await lookup.find(short);
    assert.equal(outcome(found), 'a');
    assert.equal(found.kind === 'identified' && found.identity.expiresAtMs, NOW + 6000);
    assert.equal(found.kind === 'identified' && found.identity.method, 'certificate');
    clock.advance(4999);
    assert.equal(recalled(lookup.recall(short)), 'a');
    clock.advance(1);
    assert.equal(lookup.recall(short), null);
    assert.equal(outcome(await lookup.find(short)), 'UNAUTHENTICATED expired');
  });

  it('is recalled after it was found, and not if nobody has it', async () => {
    const consumers = compileConsumers([
      consumer('a', { certificates: [only({ subject: 'CN=warehouse,O=Example' })] }),
    ]);
    const lookup = new ConsumerDirectory(consumers, manualClock(NOW)).byCertificate;
    const other = certificate({ subject: [[[CN, 'other']]] });
    assert.equal(lookup.recall(der), null);
    await lookup.find(der);
    await lookup.find(other);
    assert.equal(recalled(lookup.recall(der)), 'a');
    assert.equal(lookup.recall(other), null);
  });

  it('is malformed if it is none', async () => {
    assert.equal(await who({ a: only({ san: 'dns:a' }) }, Buffer.alloc(100)), 'UNAUTHENTICATED malformed');
  });

  it('is asked for only where a consumer has one', () => {
    const directory = new ConsumerDirectory(compileConsumers([consumer('a')]), manualClock());
    assert.equal(directory.byCertificate.isUsed, false);
  });
});
