import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { eventually } from '@turnpike/testkit';
import type { ProviderNews } from '../../src/core/desk.ts';
import { providerConfig } from '../../src/identity/providers/providers-testing.ts';
import { DISCOVERY, onKnownProvider, withProvider } from './providers-real.ts';
import { onDesk, withServer } from './providers-site.ts';

const root = await mkdtemp(join(tmpdir(), 'turnpike-providers-'));
after(() => rm(root, { recursive: true }));

const UNAVAILABLE = { code: 'IDENTITY_UNAVAILABLE' };

function kids({ keys }: ProviderNews): readonly unknown[] {
  return (keys ?? []).map(({ kid }) => kid);
}

describe('the keys of a provider', () => {
  it('are learned by discovery, with its endpoints', async () => {
    await onKnownProvider(async ({ provider, news, desk, clockwork }) => {
      const [first, second] = news;
      assert.equal(first?.keys, null);
      assert.equal(second?.keys?.length, 1);
      assert.equal(second.keys[0]?.['alg'], 'RS256');
      assert.equal(second.authorizationEndpoint, `${provider.issuer}/auth`);
      assert.equal(second.endSessionEndpoint, `${provider.issuer}/session/end`);
      assert.equal(second.problem, '');
      assert.equal(second.learnedAtMs, clockwork.clock.epoch());
      assert.deepEqual(desk.status(), [
        {
          id: 'corporate',
          issuer: provider.issuer,
          state: 'ready',
          keys: 1,
          learnedAt: new Date(clockwork.clock.epoch()).toISOString(),
          problem: '',
          endpoints: { token: 'closed', introspection: 'closed' },
        },
      ]);
    });
  });

  it('are learned from an address, without asking for more', async () => {
    await withProvider(async (provider) => {
      await onDesk(async ({ desk, heard }) => {
        const keys = { kind: 'url', url: `${provider.issuer}/jwks` } as const;
        await desk.use([providerConfig({ issuer: provider.issuer, keys })]);
        const known = await heard(({ keys }) => keys !== null);
        assert.equal(known.authorizationEndpoint, null);
        assert.equal(provider.traffic.count(DISCOVERY), 0);
      });
    });
  });

  it('are learned from a file before a start is over, and again when it changes', async () => {
    const path = join(root, 'keys.json');
    const write = async (kid: string): Promise<void> => {
      await writeFile(
        `${path}.tmp`,
        JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', kid, x: 'AA' }] }),
      );
      await rename(`${path}.tmp`, path);
    };
    await write('one');
    await onDesk(async ({ desk, news, heard }) => {
      await desk.use([providerConfig({ issuer: 'https://partner.example', keys: { kind: 'file', path } })]);
      assert.deepEqual(kids(news.at(-1) ?? assert.fail()), ['one']);
      await write('two');
      await heard((latest) => kids(latest)[0] === 'two');
      await rm(path);
      const latest = await heard(({ problem }) => problem !== '');
      assert.deepEqual(kids(latest), ['two']);
    });
  });

  it('are those that are configured, whatever a provider with another name says', async () => {
    await withProvider(async (provider) => {
      for (const issuer of [`${provider.issuer}/`, provider.issuer.replace('http', 'HTTP')]) {
        await onDesk(async ({ desk, heard }) => {
          await desk.use([providerConfig({ issuer })]);
          const latest = await heard(({ problem }) => problem !== '');
          assert.equal(latest.keys, null);
          assert.match(latest.problem, /issuer/);
        });
      }
      assert.equal(provider.traffic.count('/jwks'), 0);
    });
  });

  it('are found where OAuth puts them when OpenID Connect knows nothing', async () => {
    await withServer(
      (request, response) => {
        const issuer = `http://${request.headers.host}/tenant`;
        if (request.url === '/.well-known/oauth-authorization-server/tenant')
          response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
        else if (request.url === '/tenant/keys')
          response.end(JSON.stringify({ keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] }));
        else response.writeHead(404).end();
      },
      (origin) =>
        onDesk(async ({ desk, heard }) => {
          await desk.use([providerConfig({ issuer: `${origin}/tenant` })]);
          await heard(({ keys }) => keys !== null);
        }),
    );
  });

  it('are not fetched from where a provider may not send us', async () => {
    const targets = ['http://169.254.169.254/keys', 'http://10.0.0.1/keys', 'http://[::ffff:10.0.0.1]/keys'];
    for (const target of targets) {
      await withServer(
        (request, response) => {
          response.end(JSON.stringify({ issuer: `http://${request.headers.host}`, jwks_uri: target }));
        },
        (origin) =>
          onDesk(async ({ desk, heard }) => {
            await desk.use([providerConfig({ issuer: origin })]);
            const { problem } = await heard((latest) => latest.problem !== '');
            assert.match(problem, /may not send us to/);
          }),
      );
    }
  });
});

describe('a key that is not known', () => {
  it('is learned by one refresh for all threads, and not again for half a minute', async () => {
    await onKnownProvider(async ({ provider, run, news, clockwork }) => {
      await provider.rotateKeys();
      await Promise.all([1, 2, 3].map(() => run('refresh-keys', {})));
      assert.equal(news.at(-1)?.keys?.length, 2);
      assert.equal(provider.traffic.count('/jwks'), 2);

      await provider.rotateKeys('forgotten');
      clockwork.advance(29_999);
      await run('refresh-keys', {});
      assert.equal(provider.traffic.count('/jwks'), 2);
      clockwork.advance(1);
      await run('refresh-keys', {});
      assert.equal(provider.traffic.count('/jwks'), 3);
      assert.equal(news.at(-1)?.keys?.length, 1);
    });
  });

  it('is no news when it stays unknown', async () => {
    await onKnownProvider(async ({ provider, run, news }) => {
      const before = news.length;
      await run('refresh-keys', {});
      assert.equal(provider.traffic.count('/jwks'), 2);
      assert.equal(news.length, before);
    });
  });
});

describe('a provider that is away', () => {
  it('does not hold up a start, and is found when it is there', async () => {
    await withProvider(async (provider) => {
      provider.goDown();
      await onDesk(async ({ desk, heard, news, clockwork, log }) => {
        await desk.use([providerConfig({ issuer: provider.issuer })]);
        assert.equal(news.at(-1)?.keys, null);
        await heard(({ problem }) => problem !== '');
        assert.equal(desk.status()[0]?.state, 'unknown');
        provider.comeBack();
        clockwork.advance(1000);
        const known = await heard(({ keys }) => keys !== null);
        assert.equal(known.problem, '');
        await log.heard('an identity provider is there again');
      });
    });
  });

  it('is asked again by who needs it, after a second at most', async () => {
    await withProvider(async (provider) => {
      provider.goDown();
      await onDesk(async ({ desk, heard, run, news, clockwork }) => {
        await desk.use([providerConfig({ issuer: provider.issuer })]);
        await heard(({ problem }) => problem !== '');
        await assert.rejects(run('refresh-keys', {}), UNAVAILABLE);
        provider.comeBack();
        await assert.rejects(run('refresh-keys', {}), UNAVAILABLE);
        clockwork.advance(1000);
        await run('refresh-keys', {});
        assert.equal(news.at(-1)?.keys?.length, 1);
      });
    });
  });

  it('is waited for by who needs it while it is being asked', async () => {
    await withProvider(async (provider) => {
      const held = provider.traffic.hold('/jwks');
      await onDesk(async ({ desk, run, news }) => {
        await desk.use([providerConfig({ issuer: provider.issuer })]);
        await held.arrived();
        const waiting = run('refresh-keys', {});
        held.release();
        await waiting;
        assert.equal(news.at(-1)?.keys?.length, 1);
        assert.equal(provider.traffic.count('/jwks'), 1);
      });
    });
  });

  it('is away when it does not answer in time', async () => {
    await withProvider(async (provider) => {
      const held = provider.traffic.hold(DISCOVERY);
      await onDesk(
        async ({ desk, heard }) => {
          await desk.use([providerConfig({ issuer: provider.issuer })]);
          const { problem } = await heard((latest) => latest.problem !== '');
          assert.match(problem, /no answer within 100 ms/);
        },
        { timeoutMs: 100 },
      );
      held.release();
    });
  });

  it('is away when it is in trouble', async () => {
    await withProvider(async (provider) => {
      provider.traffic.answer('/jwks', 500);
      await onDesk(async ({ desk, heard, clockwork }) => {
        await desk.use([providerConfig({ issuer: provider.issuer })]);
        const { problem } = await heard((latest) => latest.problem !== '');
        assert.match(problem, /status 500/);
        provider.traffic.answer('/jwks', null);
        clockwork.advance(1000);
        await heard(({ keys }) => keys !== null);
      });
    });
  });

  it('is served by its old keys, until they are too old', async () => {
    await onKnownProvider(
      async ({ provider, heard, news, clockwork, desk, log, run }) => {
        provider.goDown();
        clockwork.advance(480_000);
        const stale = await heard(({ problem }) => problem !== '');
        assert.equal(stale.keys?.length, 1);
        assert.equal(desk.status()[0]?.state, 'degraded');
        assert.deepEqual((await log.heard('an identity provider cannot be asked')).fields, {
          provider: 'corporate',
          problem: stale.problem,
          hasKeys: true,
        });
        clockwork.advance(120_000 + 3_600_000);
        assert.equal(news.at(-1)?.keys, null);
        await assert.rejects(run('refresh-keys', {}), UNAVAILABLE);
        provider.comeBack();
        clockwork.advance(1000);
        await run('refresh-keys', {});
        assert.equal(news.at(-1)?.keys?.length, 1);
      },
      () => ({ staleKeysMs: 3_600_000 }),
    );
  });
});

describe('what is known of a provider', () => {
  it('is there after a restart while the provider is away', async () => {
    const stateDirectory = join(root, 'restart');
    await withProvider(async (provider) => {
      const config = providerConfig({ issuer: provider.issuer });
      const first: ProviderNews[] = [];
      await onDesk(
        async ({ desk, heard }) => {
          await desk.use([config]);
          first.push(await heard(({ keys }) => keys !== null));
        },
        { stateDirectory },
      );
      const path = join(stateDirectory, 'identity', 'corporate.json');
      assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.equal((await stat(join(path, '..'))).mode & 0o777, 0o700);
      assert.deepEqual(await readdir(join(path, '..')), ['corporate.json']);

      provider.goDown();
      await onDesk(
        async ({ desk, news, heard }) => {
          await desk.use([config]);
          assert.deepEqual(news[0], first[0]);
          const latest = await heard(({ problem }) => problem !== '');
          assert.equal(latest.keys?.length, 1);
          assert.equal(latest.authorizationEndpoint, `${provider.issuer}/auth`);
        },
        { stateDirectory },
      );
    });
  });

  it('is not that of another provider of the same name, or of who has written to the file', async () => {
    const stateDirectory = join(root, 'foreign');
    await withProvider(async (provider) => {
      const config = providerConfig({ issuer: provider.issuer });
      await onDesk(
        async ({ desk, heard }) => {
          await desk.use([config]);
          await heard(({ keys }) => keys !== null);
        },
        { stateDirectory },
      );
      provider.goDown();
      const other = providerConfig({ issuer: `${provider.issuer}/` });
      const firstKeys = async (): Promise<unknown> => {
        let keys: unknown = 'none';
        await onDesk(
          async ({ desk, news }) => {
            await desk.use([keys === 'none' ? config : other]);
            keys = news[0]?.keys;
          },
          { stateDirectory },
        );
        return keys;
      };
      const path = join(stateDirectory, 'identity', 'corporate.json');
      const text = await readFile(path, 'utf8');
      await onDesk(
        async ({ desk, news }) => {
          await desk.use([other]);
          assert.equal(news[0]?.keys, null);
        },
        { stateDirectory },
      );
      const damages = [
        '',
        '{',
        'null',
        text.replace('"format":1', '"format":0'),
        text.replace('"RSA"', '"oct"'),
      ];
      for (const damaged of damages) {
        await writeFile(path, damaged);
        assert.equal(await firstKeys(), null);
      }
      await writeFile(path, text);
      assert.notEqual(await firstKeys(), null);
    });
  });

  it('stays at a reload that changes something else, and goes when its source changes', async () => {
    await onKnownProvider(async ({ provider, desk, news, heard, run }) => {
      const config = providerConfig({ issuer: provider.issuer });
      await desk.use([{ ...config, origin: { file: 'other.yaml', line: 7, column: 1 } }]);
      await desk.use([{ ...config, audiences: ['orders-api'] }]);
      assert.equal(news.length, 2);
      assert.equal(provider.traffic.count('/jwks'), 1);

      const issuer = `${provider.issuer}/`;
      await desk.use([{ ...config, issuer }]);
      assert.equal(news[2]?.keys, null);
      await heard(({ problem }) => problem !== '');
      await desk.use([]);
      assert.deepEqual(desk.status(), []);
      await assert.rejects(run('refresh-keys', {}), UNAVAILABLE);
    });
  });

  it('is handed on at a reload that changes how long it is good, without a moment without keys', async () => {
    await onKnownProvider(async ({ provider, desk, news }) => {
      provider.goDown();
      await desk.use([providerConfig({ issuer: provider.issuer, keyLifetimeMs: 1000 })]);
      const [, before, ...after] = news;
      assert.ok(after.length > 0);
      for (const { keys } of after) assert.equal(keys, before?.keys);
    });
  });

  it('is told with a problem of its endpoints, although its keys are known', async () => {
    await withProvider(async (provider) => {
      provider.traffic.answer(DISCOVERY, 500);
      await onDesk(async ({ desk, heard, clockwork, run, news }) => {
        const { clientId, clientSecret: secret } = provider.clients.machine;
        const client = { clientId, authentication: { kind: 'basic', secret }, endpoint: null } as const;
        const keys = { kind: 'url', url: `${provider.issuer}/jwks` } as const;
        await desk.use([providerConfig({ issuer: provider.issuer, keys, client })]);
        await heard(({ keys, problem }) => keys !== null && problem !== '');
        await run('refresh-keys', {});
        provider.traffic.answer(DISCOVERY, null);
        clockwork.advance(1000);
        await run('refresh-keys', {});
        assert.equal(news.at(-1)?.authorizationEndpoint, `${provider.issuer}/auth`);
        assert.equal(news.at(-1)?.problem, '');
        await run('client-credentials', { scopes: [], audience: null });
      });
    });
  });

  it('is refreshed in the background before it is old', async () => {
    await onKnownProvider(async ({ provider, desk, news, clockwork }) => {
      const learnedAt = desk.status()[0]?.learnedAt;
      clockwork.advance(480_000);
      await eventually(() => desk.status()[0]?.learnedAt !== learnedAt, 'learn the keys anew');
      assert.equal(provider.traffic.count('/jwks'), 2);
      assert.equal(news.length, 2);
    });
  });
});
