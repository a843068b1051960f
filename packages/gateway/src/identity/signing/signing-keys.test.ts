import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { GatewayConfig } from '@turnpike/config';
import { manualClock } from '@turnpike/testkit';
import type { SigningNews } from '../../core/desk.ts';
import type { Log } from '../../core/ports.ts';
import { UnusableKey } from './signing-key.ts';
import { SigningKeys } from './signing-keys.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-keys-'));
after(() => rm(root, { recursive: true }));

let directories = 0;

function bench(stateDirectory = join(root, String(++directories))) {
  const published: SigningNews[] = [];
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, error() {}, warn: (message) => warnings.push(message) };
  const clock = manualClock();
  const ports = { clock, log, stateDirectory, publish: (news: SigningNews) => published.push(news) };
  return { keys: new SigningKeys(ports), published, warnings, clock, stateDirectory };
}

type Used = Parameters<SigningKeys['use']>[0];

/** As much of a configuration as is looked at. */
function config(forwardIdentity: 'off' | 'headers' | 'jwt', signingKey: string | null = null): Used {
  const routes = [{ policies: { forwardIdentity: 'off' } }, { policies: { forwardIdentity } }];
  return { routes, runtime: { signingKey } } as unknown as Pick<GatewayConfig, 'routes' | 'runtime'>;
}

function pem(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}

const kids = (keys: SigningKeys) => keys.jwks().keys.map(({ kid }) => kid);

describe('the signing keys', () => {
  it('do not exist as long as no route signs', async () => {
    const { keys, published, stateDirectory } = bench();
    await keys.use(config('headers'));
    assert.deepEqual(published, []);
    assert.deepEqual(keys.jwks(), { keys: [] });
    await assert.rejects(readdir(stateDirectory), { code: 'ENOENT' });
  });

  it('are told to the threads when a route signs', async () => {
    const { keys, published } = bench();
    await keys.use(config('jwt'));
    assert.equal(published.length, 1);
    assert.deepEqual(kids(keys), [published[0]?.key.kid]);
  });

  it('are told once, however often the configuration is loaded', async () => {
    const { keys, published } = bench();
    await keys.use(config('jwt'));
    await keys.use(config('jwt'));
    await keys.use(config('off'));
    assert.equal(published.length, 1);
  });

  it('outlive the process', async () => {
    const first = bench();
    await first.keys.use(config('jwt'));
    const second = bench(first.stateDirectory);
    await second.keys.use(config('jwt'));
    assert.deepEqual(second.keys.jwks(), first.keys.jwks());
  });

  it('are never published with their private part', async () => {
    const { keys } = bench();
    await keys.use(config('jwt'));
    await keys.use(config('jwt', pem()));
    for (const key of keys.jwks().keys) assert.equal('d' in key, false);
  });

  it('stay published for ten minutes after they were changed', async () => {
    const { keys, clock, published } = bench();
    await keys.use(config('jwt'));
    const [before] = kids(keys);
    await keys.use(config('jwt', pem()));
    const [now] = kids(keys);
    assert.deepEqual(kids(keys), [now, before]);
    assert.deepEqual(
      published[1]?.retired.map(({ key }) => key.kid),
      [before],
    );
    clock.advance(10 * 60_000 - 1);
    assert.deepEqual(kids(keys), [now, before]);
    clock.advance(1);
    assert.deepEqual(kids(keys), [now]);
  });

  it('may be changed back', async () => {
    const { keys } = bench();
    const [one, two] = [pem(), pem()];
    await keys.use(config('jwt', one));
    const [first] = kids(keys);
    await keys.use(config('jwt', two));
    const [second] = kids(keys);
    await keys.use(config('jwt', one));
    assert.deepEqual(kids(keys), [first, second]);
  });

  it('stay as they are when the configured one is none, and the error says where it is', async () => {
    const { keys } = bench();
    await keys.use(config('jwt'));
    const before = keys.jwks();
    await assert.rejects(
      keys.use(config('jwt', 'no key')),
      (error) => error instanceof UnusableKey && error.message.startsWith('runtime.signingKey: '),
    );
    assert.deepEqual(keys.jwks(), before);
  });

  it('last as long as the process when they cannot be kept, with a warning', async () => {
    const blocked = join(root, 'file');
    await writeFile(blocked, '');
    const { keys, warnings } = bench(join(blocked, 'state'));
    await keys.use(config('jwt'));
    const before = keys.jwks();
    await keys.use(config('jwt'));
    assert.deepEqual(keys.jwks(), before);
    assert.equal(before.keys.length, 1);
    assert.equal(warnings.length, 1);
  });
});
