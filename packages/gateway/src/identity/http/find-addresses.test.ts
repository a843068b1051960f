import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findNear } from './find-addresses.ts';

/** What names stand for; an address stands for itself. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'login.example.com': ['203.0.113.7'],
  'keys.example.com': ['203.0.113.8', '10.0.0.8'],
  'rebound.example.com': ['10.0.0.9', '127.0.0.1'],
  'login.internal': ['10.0.0.1'],
  'keys.internal': ['10.0.0.2'],
  localhost: ['127.0.0.1', '::1'],
};

async function found(issuer: string, host: string): Promise<readonly string[]> {
  const find = findNear(issuer, async (name) =>
    (NAMES[name] ?? [name]).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
  return (await find(host)).map(({ address }) => address);
}

describe('the addresses that a provider may send us to', () => {
  it('are public ones, for a provider on the internet', async () => {
    assert.deepEqual(await found('https://login.example.com', 'login.example.com'), ['203.0.113.7']);
    assert.deepEqual(await found('https://login.example.com', 'keys.example.com'), ['203.0.113.8']);
  });

  it('are private ones as well, for a provider that has one', async () => {
    assert.deepEqual(await found('https://login.internal', 'keys.internal'), ['10.0.0.2']);
    assert.deepEqual(await found('https://10.0.0.1', 'keys.internal'), ['10.0.0.2']);
    assert.deepEqual(await found('https://login.internal', 'keys.example.com'), ['203.0.113.8', '10.0.0.8']);
  });

  it('are on this machine, for a provider that is', async () => {
    assert.deepEqual(await found('http://localhost:8080', '127.0.0.1'), ['127.0.0.1']);
    assert.deepEqual(await found('http://[::1]:8080', 'localhost'), ['127.0.0.1', '::1']);
  });

  const refused: readonly [issuer: string, host: string][] = [
    ['https://login.example.com', 'keys.internal'],
    ['https://login.example.com', 'rebound.example.com'],
    ['https://login.example.com', '127.0.0.1'],
    ['https://login.example.com', '::ffff:127.0.0.1'],
    ['https://login.example.com', '169.254.169.254'],
    ['https://login.internal', 'localhost'],
    ['http://127.0.0.1', '10.0.0.2'],
    ['https://login.internal', '169.254.169.254'],
    ['http://169.254.169.254', '169.254.169.254'],
  ];
  for (const [issuer, host] of refused) {
    it(`are never ${host} for ${issuer}`, async () => {
      await assert.rejects(found(issuer, host), { name: 'HttpFailure', fault: 'address' });
    });
  }
});
