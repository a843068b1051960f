import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { echoService, launchFor, oldSystemNodes, root, type Running } from './cli-program.ts';
import { installPackages, type Installation } from './installed-packages.ts';
import { blocksBelow, shellBlocks } from './shell-blocks.ts';

/** A configuration in TypeScript, with a type that is stripped and one that the packages lend. */
const CONFIG = `import { defineConfig, type GatewayDocument } from '@turnpike/config';

const routes: NonNullable<GatewayDocument['routes']> = {
  ping: { match: { path: '/ping' }, respond: { status: 200, body: 'pong' } },
  all: { match: { path: '/*' }, service: 'echo' },
};

export default defineConfig({
  listeners: { web: { address: '127.0.0.1:0' } },
  admin: { address: '127.0.0.1:0' },
  runtime: { threads: 2, stateDirectory: 'state', drainTimeout: '8s' },
  services: {
    echo: { endpoints: ['http://127.0.0.1:PORT'] },
    library: { endpoints: ['http://127.0.0.1:1'], grpc: { protos: ['library.proto'] } },
  },
  routes,
});
`;
const PLAIN = `listeners: { web: { address: "127.0.0.1:0" } }
admin: off
routes: { ping: { match: { path: /ping }, respond: { status: 200, body: pong } } }
`;
const PROTO =
  'syntax = "proto3";\npackage library;\nservice Library { rpc Get(Book) returns (Book); }\nmessage Book { string title = 1; }\n';

interface Readiness {
  readonly threads: readonly { readonly state: string }[];
}

describe('the packages of npm', () => {
  let installed: Installation;

  before(async () => {
    installed = await installPackages();
  });
  after(() => installed.remove());

  const start = (context: TestContext, args: readonly string[], node = process.execPath): Running =>
    launchFor(context, [installed.executable, ...args], { node, cwd: installed.directory });

  it('have JavaScript with types, a readme and the licence, and neither source nor tests', () => {
    assert.ok(installed.staged.length >= 3);
    for (const directory of installed.staged) {
      const files = globSync('**/*', { cwd: directory });
      assert.ok(files.includes('README.md') && files.includes('LICENSE'), directory);
      const strange = files.filter((file) => /(?<!\.d)\.ts$|[.-]test(ing)?\.|\.bench\./.test(file));
      assert.deepEqual(strange, [], directory);
    }
  });

  it('are installed as they were made', () => {
    for (const directory of installed.staged) {
      const there = join(installed.directory, 'node_modules', manifestOf(directory).name);
      assert.deepEqual(filesBelow(there), filesBelow(directory));
    }
  });

  it('declare everything that they import, and reach into nobody', () => {
    for (const directory of installed.staged) {
      const { name: own, dependencies = {} } = manifestOf(directory);
      const undeclared = importsOf(directory).filter((name) => name !== own && !(name in dependencies));
      assert.deepEqual(undeclared, [], own);
    }
  });

  it('can be imported by every name that they offer', async () => {
    const names = installed.staged
      .map(manifestOf)
      .flatMap(({ name, exports = {} }) => Object.keys(exports).map((path) => name + path.slice(1)))
      .filter((name) => !name.endsWith('.html')); // pages are for browsers
    assert.ok(names.includes('@turnpike/config/load'));
    const script = `for (const name of ${JSON.stringify(names)}) await import(name);`;
    await installed.run(process.execPath, ['--input-type=module', '--eval', script]);
  });

  it('bring a program of their version', async (context) => {
    const { version } = manifestOf(join(installed.directory, 'node_modules/turnpike'));
    assert.equal((await start(context, ['--version']).ended).out, `${version}\n`);
  });

  for (const node of oldSystemNodes()) {
    it(`start on the Node.js that comes along when theirs is too old: ${node}`, async (context) => {
      const { code, out } = await start(context, ['--version'], node).ended;
      assert.equal(code, 0);
      assert.match(out, /^\d+\.\d+\.\d+\n$/);
    });
  }

  it('read a configuration in TypeScript, compile .proto files, and serve on several threads', async (context) => {
    const config = CONFIG.replace('PORT', String(await echoService(context)));
    await writeFile(join(installed.directory, 'gateway.config.ts'), config);
    await writeFile(join(installed.directory, 'library.proto'), PROTO);
    const checked = await start(context, ['check']).ended;
    assert.deepEqual([checked.code, checked.err], [0, '']);

    const gateway = start(context, ['start', '--no-watch']);
    const [, port] = await gateway.says(/"ports":\{"web":(\d+)\}/);
    const [, admin] = await gateway.says(/"admin":(\d+)/);
    assert.equal(await textOf(`http://127.0.0.1:${port}/ping`), 'pong');
    assert.match(await textOf(`http://127.0.0.1:${port}/users/1`), /"url":"\/users\/1"/);
    const { threads } = JSON.parse(await textOf(`http://127.0.0.1:${admin}/readyz?verbose`)) as Readiness;
    assert.equal(threads.length, 2);
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 0);
  });

  it('run as a proxy without a file', async (context) => {
    const target = `http://127.0.0.1:${await echoService(context)}`;
    const proxy = start(context, ['proxy', '127.0.0.1:0', target]);
    const [, port] = await proxy.says(/"ports":\{"\w+":(\d+)\}/);
    assert.match(await textOf(`http://127.0.0.1:${port}/a?b=c`), /"url":"\/a\?b=c"/);
  });

  describe('do what docs/install.md says', () => {
    const [, use = ''] = blocksBelow('install.md', 'npm');
    const [, ...lines] = use.trim().split('\n');

    for (const line of lines.filter((one) => !/ (start|proxy) /.test(one))) {
      it(line, async () => {
        await writeFile(join(installed.directory, 'gateway.yaml'), PLAIN);
        assert.notEqual(await installed.run('bash', ['-ec', line]), '');
      });
    }

    for (const line of lines.filter((one) => / (start|proxy) /.test(one))) {
      it(line, async (context) => {
        await writeFile(join(installed.directory, 'gateway.yaml'), PLAIN);
        const words = line.replace(':8080', '127.0.0.1:0').split(' ').slice(2);
        await start(context, words).says(/"message":"serving"/);
      });
    }

    it('about the completion of shells', async () => {
      const [block = ''] = blocksBelow('install.md', 'Shell completion');
      const home = join(installed.directory, 'home');
      const setting = `export HOME='${home}' PATH="$PWD/node_modules/.bin:$PATH"`;
      await installed.run('bash', ['-ec', `${setting}\n${block}`]);
      const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\/_?turnpike(\.fish)?$/.test(file),
      );
      assert.equal(files.length, 3);
      for (const file of files) assert.match(readFileSync(join(home, file), 'utf8'), /explain/);
      await installed.run('bash', ['-n', join(home, '.local/share/bash-completion/completions/turnpike')]);
    });

    it('and leaves nothing untried but what it names', () => {
      const others = shellBlocks('install.md').filter(
        ({ section }) => !/^npm$|^Shell completion$|^Compose$/.test(section),
      );
      const untried = others.flatMap(({ text }) => text.trim().split('\n'));
      assert.ok(untried.length > 5);
      for (const line of untried) assert.match(line, /^(docker|helm|kubectl|sudo) /);
    });
  });

  it('lend their types to configurations, also to compilers that look into them', async () => {
    await writeFile(join(installed.directory, 'right.mts'), CONFIG);
    await writeFile(
      join(installed.directory, 'wrong.mts'),
      `import { defineConfig } from '@turnpike/config';\ndefineConfig({ listeners: { web: { address: 8080 } } });\n`,
    );
    await compile('right.mts');
    await assert.rejects(compile('wrong.mts'), /TS2322.*'number' is not assignable to type 'string'/s);
  });

  async function compile(file: string): Promise<void> {
    const options = '--noEmit --ignoreConfig --strict --target es2024 --module nodenext --skipLibCheck false';
    const tsc = join(root, 'node_modules/.bin/tsc');
    try {
      await installed.run(tsc, [...options.split(' '), '--types', '', file]);
    } catch (error) {
      throw new Error((error as { stdout: string }).stdout, { cause: error });
    }
  }
});

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

function manifestOf(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
}

/** The packages that the files of one import; `..` stands for a relative path that leaves it. */
function importsOf(directory: string): string[] {
  const statement = /^(?:import|export)\b[^;'"`]*?from '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm;
  const names = globSync('**/*.{js,d.ts}', { cwd: directory }).flatMap((file) => {
    const found = readFileSync(join(directory, file), 'utf8').matchAll(statement);
    const written = Array.from(found, ([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '');
    return written.map((name) => (name.startsWith('.') ? join(file, '..', name) : packageOf(name)));
  });
  // Paths within the package name a file; what is left are other packages, and `..`.
  const others = names.filter((name) => !/\.[jt]s$|^#/.test(name) || name.startsWith('..'));
  return [...new Set(others)].filter((name) => !isBuiltin(name));
}

function packageOf(name: string): string {
  return name.split('/', name.startsWith('@') ? 2 : 1).join('/');
}

function filesBelow(directory: string): string[] {
  return globSync('**/*', { cwd: directory, exclude: ['node_modules'] }).toSorted();
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}
