// docs/access.md and README.md show how access is configured; this does what they say with examples/access.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { LOGIN_REASONS } from '../packages/gateway/src/identity/login/login-refusals.ts';
import { CREDENTIAL_REASONS } from '../packages/gateway/src/identity/refusals.ts';
import { TOKEN_REASONS } from '../packages/gateway/src/identity/tokens/token-refusals.ts';
import { AUTHENTICATE_REASONS } from '../packages/gateway/src/stages/authenticate/authenticate.ts';
import { directoryWith, launchFor, root, startTurnpike, turnpike } from './cli-program.ts';

const guide = readFileSync(join(root, 'docs/access.md'), 'utf8');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const PATIENCE_MS = 60_000;

/** The blocks of code in a language. */
function blocks(text: string, language: string): string[] {
  return Array.from(
    text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms')),
    ([, code = '']) => code,
  );
}

interface Command {
  readonly line: string;
  /** What the guide shows below; `…` stands for anything. */
  readonly output: string;
}

/** The lines of the guide that begin with `$`. */
function commands(): Command[] {
  return blocks(guide, 'console').flatMap((block) =>
    Array.from(block.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm), ([, line = '', output = '']) => ({
      line,
      output: output.trim(),
    })),
  );
}

function assertLooksLike(text: string, { line, output }: Command): void {
  const parts = output.split('…').map((part) => RegExp.escape(part));
  assert.match(text.trim(), new RegExp(`^${parts.join('.*')}$`, 's'), line);
}

/** The words of a line, as a shell reads them. */
function wordsOf(line: string, variables: ReadonlyMap<string, string>): string[] {
  const words = line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g);
  return Array.from(words, ([, single, double, plain = '']) =>
    (single ?? double ?? plain).replaceAll(/\$([A-Z]+)/g, (_, name: string) => variables.get(name) ?? ''),
  );
}

interface Example {
  readonly directory: string;
  readonly port: string;
}

/** Another access token of the example. */
function token(directory: string, claims = '{}'): string {
  const { status, stdout } = spawnSync(process.execPath, [join(directory, 'token.mjs'), claims], {
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  return stdout.trim();
}

/** All but what somebody left behind who has tried it. */
function isSource(path: string): boolean {
  return !path.endsWith('.turnpike');
}

/** Starts what the guide starts, on ports that are free, from a copy of the example. */
async function startExample(context: TestContext): Promise<Example> {
  const directory = mkdtempSync(join(tmpdir(), 'turnpike-access-'));
  cpSync(join(root, 'examples/access'), directory, { recursive: true, filter: isSource });
  token(directory);
  const service = launchFor(context, [join(directory, 'service.mjs')], { env: { SERVICE_PORT: '0' } });
  const [, SERVICE_PORT = ''] = await service.says(/listening on (\d+)/);
  const env = { PORT: '0', ADMIN_PORT: '0', SERVICE_PORT };
  const gateway = startTurnpike(context, ['start', join(directory, 'gateway.yaml')], { env });
  context.after(async () => {
    // First the programs: they write to the directory.
    for (const { child } of [service, gateway]) child.kill('SIGKILL');
    await Promise.all([service.ended, gateway.ended]);
    rmSync(directory, { recursive: true });
  });
  const [, port = ''] = await gateway.says(/"ports":\{"web":(\d+)\}/);
  return { directory, port };
}

async function curl(words: readonly string[], { port }: Example): Promise<string> {
  const after = (option: string): string[] => words.filter((_, i) => words[i - 1] === option);
  const headers = after('-H').map((field) => field.split(/: (.*)/, 2) as [string, string]);
  const [method = 'GET'] = after('-X');
  const url = words.find((word) => word.startsWith('localhost:')) ?? '';
  const reply = await fetch(url.replace(/^localhost:\d+/, `http://127.0.0.1:${port}`), { method, headers });
  return reply.text();
}

describe('the guide to access', () => {
  it('shows what the example answers', async (context) => {
    const example = await startExample(context);
    const variables = new Map<string, string>();
    let count = 0;
    for (const command of commands()) {
      const [, name, claims] =
        /^([A-Z]+)=\$\(node examples\/access\/token\.mjs '(.*)'\)$/.exec(command.line) ?? [];
      const [program, ...words] = wordsOf(command.line, variables);
      if (name !== undefined) variables.set(name, token(example.directory, claims));
      else if (program === 'curl') assertLooksLike(await curl(words, example), command);
      else assertLooksLike((await turnpike(words.slice(1))).out, command);
      count++;
    }
    assert.ok(count > 10);
  });

  it('is right that a list in a file is watched', async (context) => {
    const example = await startExample(context);
    const ask = () => curl(['localhost:0/reports', '-H', 'X-Forwarded-For: 198.51.100.4'], example);
    assert.equal(JSON.parse(await ask()).request, 'GET /reports');
    appendFileSync(join(example.directory, 'blocked.txt'), '198.51.100.4\n');
    const endsAt = performance.now() + PATIENCE_MS;
    while (JSON.parse(await ask()).rule !== 'ipAccess.deny') assert.ok(performance.now() < endsAt);
  });

  it('names every reason of authenticate', () => {
    const rows = guide.slice(guide.indexOf('<!-- reasons')).split('\n');
    const named = (begin: string) =>
      Array.from(
        rows
          .find((row) => row.startsWith(begin))
          ?.split('|')[2]
          ?.matchAll(/`([^`]+)`/g) ?? [],
        ([, reason]) => reason,
      );
    assert.deepEqual(named('| `authenticate`'), [...AUTHENTICATE_REASONS]);
    assert.deepEqual(named('| — tokens'), [...TOKEN_REASONS]);
    assert.deepEqual(named('| — consumers'), [...CREDENTIAL_REASONS]);
    assert.deepEqual(named('| — logins'), [...LOGIN_REASONS]);
  });

  it('makes a password that the configuration takes', async (context) => {
    const script = blocks(guide, 'sh').find((block) => block.includes('scryptSync')) ?? assert.fail();
    const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;
    const { status, stdout } = spawnSync('sh', ['-c', script], {
      input: 'correct horse\n',
      encoding: 'utf8',
      env: { ...process.env, PATH },
    });
    assert.equal(status, 0);
    const consumers = `consumers: { a: { basic: [{ username: a, password: '${stdout.trim()}' }] } }\n`;
    assert.match(stdout, /^\$scrypt\$/);
    await assertUsable(context, { 'a.yaml': consumers, 'b.yaml': ROUTE });
  });
});

const ROUTE = 'routes: { ping: { match: { path: /ping }, respond: { status: 200, body: pong } } }\n';

/** What the configurations of the pages rely on, by section. */
const SURROUNDINGS: Readonly<Record<string, string>> = {
  routes: ROUTE,
  services: 'services: { orders: { endpoints: ["http://127.0.0.1:9001"] } }\n',
  lists: 'lists: { office: { addresses: [127.0.0.1] }, abusers: { file: abusers.txt } }\n',
  consumers: 'consumers: { acme: { keys: [0123456789abcdef] } }\n',
  identityProviders:
    'identityProviders: { corporate: { issuer: "https://login.example.com", audiences: [a], client: { clientId: a, clientSecret: b } } }\n',
};

const ENVIRONMENT = { ACME_KEY: '0123456789abcdef0', REPORTS_PASSWORD: 'secret' };

/** Holds that `turnpike check` takes these files together. */
async function assertUsable(context: TestContext, files: Readonly<Record<string, string>>): Promise<void> {
  const { code, out, err } = await turnpike(['check', directoryWith(context, files)], { env: ENVIRONMENT });
  assert.equal(code, 0, `${JSON.stringify(files)}\n${out}${err}`);
}

describe('the configurations', () => {
  it('of the guide can be used, each with what it relies on', async (context) => {
    const pieces = blocks(guide, 'yaml');
    assert.ok(pieces.length > 5);
    for (const piece of pieces) {
      const others = Object.entries(SURROUNDINGS).filter(
        ([section]) => !new RegExp(`^${section}:`, 'm').test(piece),
      );
      const files = Object.fromEntries(others.map(([section, text]) => [`${section}.yaml`, text]));
      await assertUsable(context, { ...files, 'piece.yaml': piece });
    }
  });

  it('of the README can be used, all of them together', async (context) => {
    const pieces = blocks(readme, 'yaml').map((piece, i) => [`${i}.yaml`, piece]);
    assert.equal(pieces.length, 2);
    await assertUsable(context, Object.fromEntries(pieces));
  });
});
