// Plugins in the real program: loaded in each thread, loaded anew when a file changes, and no danger to anybody.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { root, startTurnpike, turnpike, type Running } from './cli-program.ts';

const PATIENCE_MS = 60_000;
/** As docs/reference says of `turnpike check`. */
const EXIT_CONFIGURATION = 3;

const CONFIG = `
listeners: { web: { address: "127.0.0.1:0" } }
runtime: { threads: 2 }
admin: off
routes:
  all:
    match: { path: "/*" }
    respond: { body: "of the route" }
    policies:
      timeout: 30s
      plugins: [{ use: ./plugins/own.ts, with: { word: hello } }]
`;

/** A plugin whose handler has this code. */
function plugin(code: string, head = ''): string {
  return `import { definePolicy, problem, respond } from '@turnpike/sdk';
${head}
export default definePolicy({
  name: 'own',
  slot: 'before-cache',
  schema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
  create: ({ word }) => (next) => async (exchange) => { ${code} },
});
`;
}

interface Rig {
  readonly directory: string;
  readonly program: Running;
  ask(path?: string): Promise<{ readonly status: number; readonly text: string }>;
  /** Asks until this is the answer. */
  until(text: string): Promise<void>;
  write(name: string, text: string): void;
  /** How often a plugin has said so, in a file. */
  came(): number;
}

async function rig(
  context: TestContext,
  own: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-plugins-'));
  mkdirSync(join(directory, 'plugins'));
  const write = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  write('gateway.yaml', CONFIG);
  for (const [name, text] of Object.entries({ 'plugins/own.ts': own, ...files })) write(name, text);
  const program = startTurnpike(context, ['start', join(directory, 'gateway.yaml')]);
  context.after(async () => {
    program.child.kill('SIGKILL');
    await program.ended;
    rmSync(directory, { recursive: true });
  });
  const [, port = ''] = await program.says(/"ports":\{"web":(\d+)\}/);
  const ask: Rig['ask'] = async (path = '/') => {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: reply.status, text: await reply.text() };
  };
  return {
    directory,
    program,
    ask,
    async until(text) {
      const endsAt = performance.now() + PATIENCE_MS;
      // Twice in a row: there are two threads.
      for (let times = 0; times < 8;) {
        assert.ok(performance.now() < endsAt, `the answer never was ${text}`);
        times = (await ask()).text === text ? times + 1 : 0;
      }
    },
    write,
    came: () => readFileSync(join(directory, 'plugins/came')).length,
  };
}

describe('a plugin in a running gateway', () => {
  it('is loaded anew when its file changes, or one that it imports', async (context) => {
    const code = (mark: string) =>
      plugin(`return respond({ body: \`\${word} ${mark} \${help}\` });`, `import { help } from './help.ts';`);
    const { until, write } = await rig(context, code('one'), {
      'plugins/help.ts': `export const help: string = 'a';`,
    });
    await until('hello one a');
    write('plugins/own.ts', code('two'));
    await until('hello two a');
    write('plugins/help.ts', `export const help: string = 'b';`);
    await until('hello two b');
    write('plugins/own.ts', code('one'));
    await until('hello one b');
  });

  it('stays what it was when its file is broken, and the log says where', async (context) => {
    const { ask, program, until, write } = await rig(context, plugin(`return respond({ body: word });`));
    await until('hello');
    write('plugins/own.ts', 'export default 1;\nlet broken = ;\n');
    await program.says(/own\.ts:2: cannot be read/);
    assert.equal((await ask()).text, 'hello');
    write('plugins/own.ts', plugin(`return respond({ body: word + '!' });`));
    await until('hello!');
  });

  it('serves what began before to its end, with what was there', async (context) => {
    const code = (mark: string) =>
      plugin(
        `if (exchange.url.path === '/slow') appendFileSync(new URL('came', import.meta.url), '.');
         while (exchange.url.path === '/slow' && !existsSync(new URL('go', import.meta.url)))
           await new Promise((resolve) => setTimeout(resolve, 5));
         return respond({ body: '${mark}' });`,
        `import { appendFileSync, existsSync } from 'node:fs';`,
      );
    const { ask, came, until, write } = await rig(context, code('old'), { 'plugins/came': '' });
    await until('old');
    const underWay = Array.from({ length: 8 }, () => ask('/slow'));
    while (came() < underWay.length) await ask();
    write('plugins/own.ts', code('new'));
    await until('new');
    write('plugins/go', '');
    assert.deepEqual(
      (await Promise.all(underWay)).map(({ text }) => text),
      underWay.map(() => 'old'),
    );
  });

  it('is there with the last known good configuration, though its file is broken by now', async (context) => {
    const { directory, program, until, write } = await rig(
      context,
      plugin(`return respond({ body: word });`),
    );
    await until('hello');
    while (!existsSync(join(directory, '.turnpike/last-good.json'))) await until('hello');
    program.child.kill('SIGKILL');
    await program.ended;
    write('plugins/own.ts', 'let broken = ;');
    const again = startTurnpike(context, ['start', join(directory, 'gateway.yaml'), '--last-good']);
    const [, port = ''] = await again.says(/"ports":\{"web":(\d+)\}/);
    const reply = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(await reply.text(), 'hello');
    again.child.kill('SIGKILL');
    await again.ended;
  });

  it('ends no thread by what it leaves behind', async (context) => {
    const code = `
      if (exchange.url.path === '/reject') void Promise.reject(new Error('left alone'));
      if (exchange.url.path === '/throw') setTimeout(() => { throw new Error('in a timer'); }, 0);
      return respond({ body: globalThis.count === undefined ? (globalThis.count = 'first') : 'again' });`;
    const { ask, program, until } = await rig(context, plugin(code));
    await until('again');
    await ask('/reject');
    await program.says(/left alone/);
    await ask('/throw');
    await program.says(/in a timer.*a plugin has thrown outside of any request/);
    // A new thread would say that it is the first.
    for (let i = 0; i < 20; i++) assert.equal((await ask()).text, 'again');
  });
});

describe('turnpike check', () => {
  const cases: readonly (readonly [what: string, own: string, says: RegExp])[] = [
    ['what cannot be read', 'let a = ;', /gateway\.yaml:11:\d+: error: .*own\.ts:1: cannot be read/],
    [
      'what needs a compiler',
      'enum A { b }',
      /own\.ts:1: TypeScript enum is not supported.*types are only taken away/,
    ],
    [
      'what fails while it is loaded',
      `\nthrow new Error('boo');`,
      /own\.ts:2: it fails while it is loaded: boo/,
    ],
    [
      'what is no plugin',
      'export default {};',
      /default export is no plugin: write `export default definePolicy/,
    ],
    ['what imports what is not there', `import './gone.ts';`, /gone\.ts.*write imports with their extension/],
    ['what ends the process', 'process.exit(0);', /ends the process while it is loaded/],
    [
      'a slot that there is not',
      plugin('').replace('before-cache', 'early'),
      /there is no slot "early"; choose before-authenticate, after-authorize, before-cache, before-service/,
    ],
    [
      'a configuration that the schema refuses',
      plugin('').replace(`'string'`, `'integer'`),
      /plugins\[0\]\.with\.word: must be integer/,
    ],
    [
      'a configuration that the plugin refuses',
      plugin('')
        .replace('=> (next) =>', `=> { throw new Error('no such word'); return (next) =>`)
        .replace('},\n});', '}},\n});'),
      /with: the plugin own refuses it: no such word/,
    ],
    ['a schema that is none', plugin('').replace(`'string'`, `'text'`), /its schema is no JSON Schema/],
    [
      'a route without the parameters that it needs',
      plugin('').replace(`name:`, `path: '/{tenant}', name:`),
      /is for paths such as \/\{tenant\} with \{tenant\}, which this route does not have/,
    ],
  ];
  for (const [what, own, says] of cases) {
    it(`tells ${what}`, async (context) => {
      const directory = mkdtempSync(join(tmpdir(), 'turnpike-plugins-'));
      context.after(() => rmSync(directory, { recursive: true }));
      mkdirSync(join(directory, 'plugins'));
      writeFileSync(join(directory, 'gateway.yaml'), CONFIG);
      writeFileSync(join(directory, 'plugins/own.ts'), own);
      const { code, out } = await turnpike(['check', join(directory, 'gateway.yaml')]);
      assert.match(out, says);
      assert.equal(code, EXIT_CONFIGURATION, out);
    });
  }

  it('takes a configuration in TypeScript that names plugins by their values', async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'turnpike-plugins-'));
    context.after(() => rmSync(directory, { recursive: true }));
    symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
    symlinkSync(join(root, 'examples/plugins/plugins'), join(directory, 'plugins'));
    writeFileSync(
      join(directory, 'gateway.config.ts'),
      `import { defineConfig } from '@turnpike/config';
       import sign from './plugins/sign.ts';
       export default defineConfig({
         services: { orders: { endpoints: ['http://127.0.0.1:9001'] } },
         routes: { all: { service: 'orders', policies: { plugins: [{ use: sign, with: { key: 'a-key-of-the-example' } }] } } },
       });`,
    );
    const { out } = await turnpike(['explain', '-c', join(directory, 'gateway.config.ts'), 'GET', '/']);
    assert.match(out, /plugins +before-service: sign/);
  });
});
