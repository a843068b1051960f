// docs/resilience.md walks through examples/resilience; this does what it says, in its order.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { directoryWith, launchFor, root, startTurnpike, turnpike } from './cli-program.ts';

const guide = readFileSync(join(root, 'docs/resilience.md'), 'utf8');
const PATIENCE_MS = 60_000;

interface Command {
  readonly line: string;
  /** What the guide shows below; `…` stands for anything. */
  readonly output: string;
}

/** The lines of the guide that begin with `$`. */
function commands(): Command[] {
  const blocks = Array.from(guide.matchAll(/^```console\n(.*?)^```/gms), ([, code = '']) => code);
  return blocks.flatMap((block) =>
    Array.from(block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm), ([, line = '', output = '']) => ({
      line,
      output: output.trim(),
    })),
  );
}

interface Example {
  /** Ports of this run by those of the guide. */
  readonly ports: ReadonlyMap<string, string>;
}

/** Starts what the guide starts, on ports that are free, from a copy of the example. */
async function startExample(context: TestContext): Promise<Example> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-resilience-'));
  const filter = (path: string) => !path.endsWith('.turnpike');
  cpSync(join(root, 'examples/resilience'), directory, { recursive: true, filter });
  const services = launchFor(context, [join(directory, 'services.mjs')], {
    env: { SERVICE_PORTS: '0,0,0,0,0' },
  });
  const [, list = ''] = await services.says(/listening on (.*)\n/);
  const free = list.split(' ');
  const names = ['ORDERS_1_PORT', 'ORDERS_2_PORT', 'SHOP_PORT', 'SHOP_NEXT_PORT'];
  const env = Object.fromEntries(names.map((name, index) => [name, free[index] ?? '']));
  const gateway = startTurnpike(context, ['start', join(directory, 'gateway.yaml')], {
    env: { ...env, PORT: '0', ADMIN_PORT: '0' },
  });
  context.after(async () => {
    for (const { child } of [services, gateway]) child.kill('SIGKILL'); // first: they write to the directory
    await Promise.all([services.ended, gateway.ended]);
    rmSync(directory, { recursive: true });
  });
  const [, web = '', admin = ''] = await gateway.says(/"ports":\{"web":(\d+)\},"admin":(\d+)/);
  const ports = new Map([
    ['8082', web],
    ['9903', admin],
    ...free.map((port, index) => [String(9101 + index), port] as const),
  ]);
  return { ports };
}

function withPorts(text: string, { ports }: Example): string {
  return text.replaceAll(/:(8082|9903|910\d)\b/g, (_, port: string) => `:${ports.get(port)}`);
}

function looksLike(text: string, output: string): boolean {
  const parts = output.split('…').map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text.trim());
}

/** What `curl` would print; the guide uses -X, -d and -H. */
async function curl(line: string): Promise<string> {
  const words = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain = '']) => quoted ?? plain);
  const after = (option: string): string[] => words.filter((_, i) => words[i - 1] === option);
  const headers = after('-H').map((field) => field.split(/: (.*)/, 2) as [string, string]);
  const [method = 'GET'] = after('-X');
  const [body = null] = after('-d');
  const url = words.find((word) => word.startsWith('localhost:')) ?? assert.fail(line);
  return (await fetch(`http://${url.replace('localhost', '127.0.0.1')}`, { method, headers, body })).text();
}

/** Does it until it looks as the guide says: breakers and checks take their time. */
async function assertSoon(run: () => Promise<string>, output: string): Promise<void> {
  const endsAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const text = await run();
    if (looksLike(text, output)) return;
    if (performance.now() > endsAt) assert.fail(`${text}\ndoes not look like\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the guide to resilience', () => {
  it('shows what the example does', async (context) => {
    const example = await startExample(context);
    let count = 0;
    for (const { line, output } of commands()) {
      const expected = line.startsWith('curl') ? withPorts(output, example) : output;
      if (line.startsWith('curl')) await assertSoon(() => curl(withPorts(line, example)), expected);
      else assert.ok(looksLike((await turnpike(line.split(' ').slice(2))).out, expected), line);
      count++;
    }
    assert.ok(count > 12);
  });

  it('is right that callers stay on their side', async (context) => {
    const { ports } = await startExample(context);
    const url = `http://127.0.0.1:${ports.get('8082')}/shop/cart`;
    const ask = async (cookie: string) => {
      const response = await fetch(url, { headers: { cookie } });
      const { service } = (await response.json()) as { service: string };
      return { service, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
    };
    let caller = await ask('');
    for (let asked = 1; caller.service !== 'shop-next' && asked < 1000; asked++) caller = await ask('');
    assert.equal(caller.service, 'shop-next');
    for (let again = 0; again < 30; again++) {
      assert.deepEqual(await ask(caller.cookie), { service: 'shop-next', cookie: '' });
    }
  });
});

/** What the configurations of the guides rely on. */
const NAMES = ['users', 'users-next', 'catalogue', 'shop', 'shop-next'];
const SERVICES = Object.fromEntries(NAMES.map((name) => [name, { endpoints: ['http://127.0.0.1:9001'] }]));
const ROUTE = 'routes:\n  r:\n    match: { path: /r }\n    service: users\n';

describe('the configurations of the guides', () => {
  for (const page of ['discovery', 'balancing', 'health', 'retries', 'resilience', 'coming-from']) {
    it(`can be used: docs/${page}.md`, async (context) => {
      const text = readFileSync(join(root, `docs/${page}.md`), 'utf8');
      const pieces = Array.from(text.matchAll(/^```yaml\n(.*?)^```/gms), ([, code = '']) => code);
      const ours = pieces.filter((piece) => /^(#.*\n)*(services|routes| {4}policies):/.test(piece));
      assert.ok(ours.length > 0);
      for (const piece of ours) {
        const file = piece.startsWith(' ') ? ROUTE + piece : piece;
        const others = Object.entries(SERVICES).filter(
          ([name]) => !new RegExp(`^services:[^]*^  ${name}:$`, 'm').test(file),
        );
        const document = {
          listeners: { web: { address: '127.0.0.1:0', trustedProxies: ['127.0.0.0/8'] } },
          services: Object.fromEntries(others),
          ...(!file.includes('routes:') && { routes: { ping: { respond: { status: 204 } } } }),
        };
        const files = { 'a.yaml': file, 'b.json': JSON.stringify(document) };
        const { code, out } = await turnpike(['check', directoryWith(context, files)]);
        assert.equal(code, 0, `${file}\n${out}`);
      }
    });
  }
});
