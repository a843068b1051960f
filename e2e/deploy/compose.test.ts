// The compose file by its linter, which holds it against the schema of the Compose specification; and what its services are given, run
// without containers: two gateways, a real Redis, and the tool of a real Prometheus.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { promtoolOn, withoutPrometheus } from '@turnpike/testkit/prometheus-server';
import { redisServer, withoutRedis } from '@turnpike/testkit/redis-server';
import { directoryWith, root, startTurnpike } from '../cli-program.ts';
import { blocksBelow } from '../shell-blocks.ts';

const FOLDER = join(root, 'deploy/compose');
const run = promisify(execFile);

interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly healthcheck?: unknown;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const fileText = (path: string): string => readFileSync(join(FOLDER, path), 'utf8');
const compose = parse(fileText('compose.yaml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);

describe('the compose file', () => {
  it('has nothing that its linter minds', async () => {
    const linter = join(root, 'node_modules/dclint/bin/dclint.cjs');
    const { stdout } = await run(
      process.execPath,
      [linter, '-c', '.dclintrc.json', '--max-warnings', '0', '.'],
      { cwd: FOLDER },
    );
    assert.equal(stdout.trim(), '');
  });

  it('gives every service a file system that is read-only, and no rights', () => {
    for (const [name, service] of services) {
      assert.equal(service.read_only, true, name);
      assert.deepEqual(service.cap_drop, ['ALL'], name);
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
      // Ours have theirs in the image.
      assert.ok(service.healthcheck !== undefined || service.image.startsWith('turnpike:'), name);
    }
  });

  it('names files that exist, and secrets that it has', () => {
    const paths = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    const files = paths.filter((path) => path.startsWith('.'));
    assert.ok(files.length > 2);
    for (const file of files) assert.ok(existsSync(join(FOLDER, file)), file);
    for (const name of services.flatMap(([, { secrets = [] }]) => secrets))
      assert.ok(name in compose.secrets, name);
    const { build } = compose.services['gateway'] ?? {};
    assert.ok(existsSync(join(FOLDER, build?.context ?? '', build?.dockerfile ?? '')));
  });
});

/** Files of the configuration for this machine, and the secrets beside them. */
function localConfig(context: TestContext, hosts: Readonly<Record<string, string>>): string {
  const directory = directoryWith(context, {
    'admin-token': 'the-token-of-the-admin\n',
    'viewer-token': 'the-token-of-a-viewer\n',
  });
  const place = (text: string): string =>
    Object.entries(hosts)
      .reduce((all, [host, address]) => all.replace(`//${host}`, `//${address}`), text)
      .replaceAll(/":\d+"/g, '"127.0.0.1:0"')
      .replaceAll('/run/secrets', directory);
  return directoryWith(context, { 'config.yaml': place(fileText('config/gateway.yaml')) });
}

describe('docs/install.md', () => {
  it('makes the secrets that the compose file wants', async (context) => {
    const [block = ''] = blocksBelow('install.md', 'Compose');
    const lines = block.split('\n').filter((line) => !/^(cd|docker|curl) /.test(line));
    const directory = directoryWith(context, {});
    await run('bash', ['-ec', lines.join('\n')], { cwd: directory });
    for (const { file } of Object.values(compose.secrets)) {
      assert.match(readFileSync(join(directory, file), 'utf8'), /^[0-9a-f]{64}\n$/);
    }
  });
});

describe('what the compose file starts', () => {
  it('answers through both gateways, and counts in Redis', { skip: withoutRedis() }, async (context) => {
    const answers = `${fileText('config/hello.yaml').replace(':8080', '127.0.0.1:0')}\nadmin: off\n`;
    const hello = directoryWith(context, { 'hello.yaml': answers });
    const behind = startTurnpike(context, ['start', 'hello.yaml', '--no-watch'], {
      cwd: hello,
      env: { ADMIN: 'off' },
    });
    const [, port] = await behind.says(/"ports":\{"web":(\d+)\}/);
    await using redis = await redisServer();
    const config = localConfig(context, {
      'hello:8080': `127.0.0.1:${port}`,
      'redis:6379': `127.0.0.1:${redis.port}`,
    });
    const gateway = startTurnpike(context, ['start', config, '--state-directory', join(config, 'state')]);
    const [, front] = await gateway.says(/"ports":\{"web":(\d+)\}/);
    const [, admin] = await gateway.says(/"admin":(\d+)/);
    const reply = await fetch(`http://127.0.0.1:${front}/`);
    assert.equal(await reply.text(), 'hello\n');
    assert.match(reply.headers.get('ratelimit') ?? '', /r=\d+/);
    assert.notEqual(await redis.cli('keys', 'turnpike:*'), '');
    const metrics = await fetch(`http://127.0.0.1:${admin}/metrics`, {
      headers: { authorization: 'Bearer the-token-of-a-viewer' },
    });
    assert.equal(metrics.status, 200);
  });

  it('is scraped by a Prometheus that understands its file', { skip: withoutPrometheus() }, async () => {
    const local = fileText('prometheus.yml').replace('/run/secrets/', '');
    const files = { 'prometheus.yml': local, 'viewer-token': 'the-token-of-a-viewer' };
    assert.match(await promtoolOn(files, ['check', 'config', 'prometheus.yml']), /SUCCESS/);
  });
});
