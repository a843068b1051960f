import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { manualClock } from '../../../testkit/src/manual-clock.ts';
import { random } from '../core/random.ts';
import { AcmeClient } from './acme-client.ts';
import type { AcmePorts } from './acme-ports.ts';
import { renewalId } from './certificate-facts.ts';
import { renewalByAge, renewalIn, suggestedWindow } from './renewal-time.ts';

const DAY_MS = 86_400_000;
const clock = manualClock();

/** A client of an authority that says this at these addresses. */
function clientOf(answers: Readonly<Record<string, { text: string; headers?: Record<string, string> }>>) {
  const silent = (): void => {};
  const ports: AcmePorts = {
    http: {
      request: (url) => {
        const { text, headers = {} } = answers[url] ?? { text: '{}' };
        return Promise.resolve({ status: 200, text, headers: new Map(Object.entries(headers)) });
      },
    },
    clock,
    random: random(1),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    wait: () => Promise.resolve(),
  };
  const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { signal } = new AbortController();
  return new AcmeClient({ directory: 'https://ca/dir', authorities: null, key, signal }, ports);
}

const base = { newNonce: 'https://ca/n', newAccount: 'https://ca/a', newOrder: 'https://ca/o' };
const directory = { text: JSON.stringify({ ...base, renewalInfo: 'https://ca/ari/' }) };

describe('when a certificate is renewed', () => {
  it('is at two thirds of its life, or a little before', () => {
    const validity = { fromMs: 0, toMs: 90 * DAY_MS };
    const some = random(7);
    for (let count = 0; count < 100; count++) {
      const atMs = renewalByAge(validity, some);
      assert.ok(atMs <= 60 * DAY_MS && atMs > 57 * DAY_MS);
    }
  });

  it('is when the authority suggests it (RFC 9773)', async () => {
    const suggestedWindow_ = { start: '2027-01-02T04:00:00Z', end: '2027-01-03T04:00:00Z' };
    const client = clientOf({
      'https://ca/dir': directory,
      'https://ca/ari/a.b': {
        text: JSON.stringify({ suggestedWindow: suggestedWindow_ }),
        headers: { 'retry-after': '21600' },
      },
    });
    const window = await suggestedWindow(client, 'a.b', 0);
    assert.deepEqual(window, {
      startMs: Date.parse(suggestedWindow_.start),
      endMs: Date.parse(suggestedWindow_.end),
      askAgainMs: 21_600_000,
    });
    const life = { fromMs: Date.parse('2026-11-03T04:00:00Z'), toMs: Date.parse('2027-02-01T04:00:00Z') };
    const atMs = renewalIn(window, life, random(3));
    assert.ok(atMs >= window.startMs && atMs <= window.endMs);
  });

  for (const [what, text] of [
    ['nothing', '{}'],
    ['no dates', '{"suggestedWindow":{"start":"soon","end":"later"}}'],
    [
      'an end before the start',
      '{"suggestedWindow":{"start":"2027-01-02T00:00:00Z","end":"2026-01-02T00:00:00Z"}}',
    ],
    ['no JSON', '<html>'],
  ] as const) {
    it(`is its age when the authority says ${what}`, async () => {
      const client = clientOf({ 'https://ca/dir': directory, 'https://ca/ari/a.b': { text } });
      assert.equal(await suggestedWindow(client, 'a.b', 0), null);
    });
  }

  it('is its age when the authority offers nothing, or not over TLS', async () => {
    assert.equal(
      await suggestedWindow(clientOf({ 'https://ca/dir': { text: JSON.stringify(base) } }), 'a', 0),
      null,
    );
    const plain = { text: JSON.stringify({ ...base, renewalInfo: 'http://ca/ari' }) };
    await assert.rejects(suggestedWindow(clientOf({ 'https://ca/dir': plain }), 'a', 0), /renewalInfo/);
  });

  it('leaves a tenth of its life, though the authority suggests to come when it is over', () => {
    const window = { startMs: 500 * DAY_MS, endMs: 501 * DAY_MS, askAgainMs: 0 };
    assert.equal(renewalIn(window, { fromMs: 0, toMs: 90 * DAY_MS }, random(3)), 81 * DAY_MS);
  });

  it('is asked for by the names of issuer and serial number', () => {
    assert.equal(renewalId(EXAMPLE), 'rcVel3sAlF1Ljt_VEsXyOZ7Q60g.AIdlQyE');
  });
});

/** Made with openssl; its serial number is that of the example in RFC 9773 §4.1. */
const EXAMPLE = `-----BEGIN CERTIFICATE-----
MIIBUDCB9qADAgECAgUAh2VDITAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAg
Fw0yNjExMjMwOTQzNDlaGA8yMTI2MTAzMDA5NDM0OVowDDEKMAgGA1UEAwwBczBZ
MBMGByqGSM49AgEGCCqGSM49AwEHA0IABKJtl4M7FMWgm2LZQtiE32/gTqDpcAQ/
Z8/HKN8CTwGPF2kbcK4iV/WSpss1yqHTM9wRKeWUtEz/K7bj64CU1L6jQjBAMB8G
A1UdIwQYMBaAFK3FXpd7AJRdS47f1RLF8jme0OtIMB0GA1UdDgQWBBRMVeB/K13+
t7+m4EdIQW9o6FPV7TAKBggqhkjOPQQDAgNJADBGAiEAgGmLS2mey6sonDMAPeKY
k5Wmf3G1DSF8PALyqYLoY2wCIQCWz4QWXemBYrXn5vSCLQx4NQG9LEF3ig4L9f+d
dBQGUQ==
-----END CERTIFICATE-----
`;
