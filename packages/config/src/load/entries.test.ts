import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryFiles } from '../../test/fixtures.ts';
import { createLoader, type Entry, type Loaded } from '../load.ts';

const SERVICE = 'services: { s: { endpoints: [http://a] } }\n';

function entry(section: string, name: string, value: object): Entry {
  return { file: `database:default/${section}.${name}`, section, name, value };
}

function load(
  text: string,
  entries: readonly Entry[],
  { env = {}, files = {} }: { env?: Record<string, string>; files?: Record<string, string> } = {},
): Promise<Loaded> {
  return createLoader({ env, files: memoryFiles({ '/etc/g.yaml': text, ...files }) })(
    ['/etc/g.yaml'],
    entries,
  );
}

function told({ issues }: Loaded): string[] {
  return issues.map(({ file, code, pointer }) => `${file} ${code} ${pointer}`);
}

describe('entries beside files', () => {
  it('are part of the configuration, and know where they are from', async () => {
    const { config, inFiles } = await load(SERVICE, [entry('routes', 'r', { service: 's' })]);
    assert.equal(config?.routes[0]?.origin.file, 'database:default/routes.r');
    assert.deepEqual(inFiles('services', 's'), { file: '/etc/g.yaml', line: 1, column: 13 });
    assert.equal(inFiles('routes', 'r'), null);
  });

  it('give way to what a file has', async () => {
    const loaded = await load(SERVICE, [entry('services', 's', { endpoints: ['http://b'] })]);
    assert.equal(loaded.config?.services[0]?.endpoints[0]?.url.includes('a'), true);
    assert.deepEqual(loaded.issues, []);
  });

  it('are to blame for what is wrong with them', async () => {
    const routes = [entry('routes', 'r', { service: 'gone' }), entry('routes', '__proto__', { servce: 's' })];
    assert.deepEqual(told(await load(SERVICE, routes)), [
      'database:default/routes.__proto__ UNKNOWN_KEY /routes/__proto__/servce',
      'database:default/routes.r UNKNOWN_NAME /routes/r/service',
    ]);
  });

  it('are left out where a file has something else, which is told', async () => {
    const loaded = await load(`routes: none\n${SERVICE}`, [entry('routes', 'r', { service: 's' })]);
    assert.deepEqual(told(loaded), ['/etc/g.yaml WRONG_TYPE /routes']);
  });
});

const ALLOWED = `${SERVICE}stores:
  database:
    url: sqlite:a.db
    references: { env: [PUBLIC_*, EXACT], files: [secrets] }
    files: [apis, /srv/lists]
`;
const respond = (body: string): Entry => entry('routes', 'r', { respond: { body } });

describe('references of entries', () => {
  const env = { PUBLIC_A: 'aaaa', EXACT: 'eeee', EXACTLY: 'no', HOME: '/root' };
  const files = {
    '/etc/secrets/a': 'from a file\n',
    '/etc/passwd': 'root',
    '/etc/secrets-too/a': 'no',
  };

  for (const [body, expected] of [
    ['${env:PUBLIC_A}', 'aaaa'],
    ['${env:EXACT}', 'eeee'],
    ['${env:PUBLIC_B:-b}', 'b'],
    ['$${env:HOME}', '${env:HOME}'],
    ['${file:a}', 'from a file'],
    ['${file:/etc/secrets/./a}', 'from a file'],
  ] as const) {
    it(`may be ${body}`, async () => {
      const { config, issues } = await load(ALLOWED, [respond(body)], { env, files });
      const target = config?.routes[0]?.target;
      assert.equal(target?.kind === 'respond' && target.body, expected, issues[0]?.message ?? '');
    });
  }

  for (const body of [
    '${env:HOME}',
    '${env:HOME:-none}',
    '${env:EXACTLY}',
    '${file:../passwd}',
    '${file:/etc/passwd}',
    '${file:../secrets-too/a}',
    '${file:a/../../g.yaml}',
    '${file:}',
  ]) {
    it(`may not be ${body}`, async () => {
      const loaded = await load(ALLOWED, [respond(body)], { env, files });
      assert.deepEqual(told(loaded), ['database:default/routes.r NOT_ALLOWED /routes/r/respond/body']);
      assert.ok(!loaded.files.some((path) => path.includes('passwd')), 'it was not even looked for');
    });
  }

  it('may not be anything unless a file says so', async () => {
    for (const body of ['${env:PUBLIC_A}', '${file:a}']) {
      const loaded = await load(SERVICE, [respond(body)], { env, files });
      assert.equal(loaded.issues[0]?.code, 'NOT_ALLOWED');
    }
  });

  it('are looked up anew, although the entry is the same', async () => {
    const changing: Record<string, string> = { PUBLIC_A: '1' };
    const loader = createLoader({ env: changing, files: memoryFiles({ '/etc/g.yaml': ALLOWED }) });
    const same = [respond('${env:PUBLIC_A}')];
    const bodies: unknown[] = [];
    for (const value of ['1', '2']) {
      changing['PUBLIC_A'] = value;
      const target = (await loader(['/etc/g.yaml'], same)).config?.routes[0]?.target;
      bodies.push(target?.kind === 'respond' && target.body);
    }
    assert.deepEqual(bodies, ['1', '2']);
  });
});

describe('files that entries name', () => {
  const api = JSON.stringify({ openapi: '3.1.0', info: { title: 'a', version: '1' }, paths: {} });
  const files = { '/etc/apis/a.json': api, '/etc/secret.json': api };

  it('may be below the directories that a file names', async () => {
    const loaded = await load(
      ALLOWED,
      [
        entry('apis', 'a', { openapi: 'a.json', service: 's' }),
        entry('lists', 'l', { file: '/srv/lists/l.txt' }),
      ],
      { files },
    );
    assert.deepEqual(told(loaded), []);
    const [list] = loaded.config?.lists ?? [];
    assert.equal(list?.kind === 'file' && list.path, '/srv/lists/l.txt');
  });

  for (const [section, value, pointer] of [
    ['apis', { openapi: '../secret.json', service: 's' }, 'openapi'],
    ['lists', { file: '/etc/passwd' }, 'file'],
    ['identityProviders', { issuer: 'https://a', jwks: '../keys.json', audiences: ['a'] }, 'jwks'],
    ['services', { endpoints: ['https://a'], tls: { authorities: '/etc/ca.pem' } }, 'tls/authorities'],
    ['services', { endpoints: ['https://a'], tls: { certificate: 'a.pem', key: '/etc/a.key' } }, 'tls/key'],
    ['services', { discovery: { file: '/etc/passwd' } }, 'discovery/file'],
    ['services', { endpoints: ['grpc://a'], grpc: { protos: ['/etc/**'] } }, 'grpc/protos/0'],
    ['services', { endpoints: ['grpc://a'], grpc: { descriptors: '/etc/a' } }, 'grpc/descriptors'],
    ['routes', { service: 's', policies: { validate: { openapi: '/etc/a' } } }, 'policies/validate/openapi'],
    ['routes', { service: 's', policies: { graphql: { schema: '/etc/a' } } }, 'policies/graphql/schema'],
    ['routes', { service: 's', policies: { plugins: [{ use: '../a.ts' }] } }, 'policies/plugins/0/use'],
    [
      'routes',
      { service: 's', policies: { plugins: [{ use: 'file:///tmp/a.ts' }] } },
      'policies/plugins/0/use',
    ],
  ] as const) {
    it(`may not be elsewhere: ${section} ${pointer}`, async () => {
      const loaded = await load(ALLOWED, [entry(section, 'x', value)], { files });
      const ours = loaded.issues;
      assert.deepEqual(
        ours.map(({ code, pointer }) => `${code} ${pointer}`),
        [`NOT_ALLOWED /${section}/x/${pointer}`],
      );
      const denied = loaded.files.filter((path) => !path.startsWith('/etc/apis') && path !== '/etc/g.yaml');
      assert.deepEqual(denied, [], 'it was not even looked for');
    });
  }
});
