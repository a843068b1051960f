// Who may import whom. ARCHITECTURE.md shows the same as a picture.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SERVICE_STAGES, STAGES } from '../packages/gateway/src/stage-names.ts';

const packages = fileURLToPath(new URL('../packages/', import.meta.url));

interface Import {
  /** Path below `packages/`. */
  readonly file: string;
  /** As it is written. */
  readonly name: string;
  /** For a relative one: path below `packages/`. */
  readonly target: string | null;
}

const imports = sourceFiles().flatMap(importsOf);

/** The program itself: no tests, no benchmarks, nothing that only those use. */
function sourceFiles(): string[] {
  const all = readdirSync(packages, { recursive: true, encoding: 'utf8' });
  return all.filter(
    (file) =>
      /^[^/]+\/(src|bin)\/.*\.[jt]sx?$/.test(file) &&
      !file.startsWith('testkit/') &&
      !/node_modules|\.(test|bench)\.ts$|-testing\.ts$/.test(file),
  );
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(packages, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\b[^;'"`]*?from '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gm,
  );
  return Array.from(found, ([, from, dynamic, bare]) => {
    const name = from ?? dynamic ?? bare ?? '';
    return { file, name, target: name.startsWith('.') ? normalize(join(dirname(file), name)) : null };
  });
}

function shown({ file, name }: Import): string {
  return `${file} imports ${name}`;
}

/** Ours, beside itself, that a package may import. */
const PACKAGE_MAY_USE: Readonly<Record<string, readonly string[]>> = {
  config: [],
  sdk: [],
  gateway: ['@turnpike/config', '@turnpike/sdk'],
  control: ['@turnpike/config'],
  cli: ['@turnpike/config', '@turnpike/gateway', '@turnpike/control', '@turnpike/dashboard'],
  // It talks to gateways of other versions too, so it relies on what the admin API promises and on nothing else.
  dashboard: [],
};

describe('packages', () => {
  it('import each other in one direction: config and sdk, gateway, cli', () => {
    const wrong = imports.filter(({ file, name }) => {
      const [own = '', used] = [file.split('/')[0], /^@turnpike\/[a-z-]+/.exec(name)?.[0]];
      return used !== undefined && PACKAGE_MAY_USE[own]?.includes(used) !== true;
    });
    assert.deepEqual(wrong.map(shown), []);
  });

  it('have one that imports nothing at all: whoever writes a plugin needs nothing else', () => {
    const sdk = imports.filter(({ file }) => file.startsWith('sdk/'));
    assert.ok(sdk.length > 5);
    assert.deepEqual(sdk.filter(({ target }) => target?.startsWith('sdk/') !== true).map(shown), []);
    assert.doesNotMatch(readFileSync(join(packages, 'sdk/package.json'), 'utf8'), /ependencies/);
  });

  it('use each other through their doors', () => {
    const wrong = imports.filter(
      ({ file, target }) => target !== null && target.split('/')[0] !== file.split('/')[0],
    );
    // Installed packages lie elsewhere: what another one needs goes into a door that `exports` names.
    assert.deepEqual(wrong.map(shown), []);
  });

  // The dashboard is made of its libraries; they are bundled, and none runs beside the gateway.
  it('import each npm package in one file of theirs, its wrapper', () => {
    const users = new Map<string, Set<string>>();
    for (const { file, name } of imports) {
      if (/^(\.|#|node:|@turnpike\/)/.test(name) || file.startsWith('dashboard/')) continue;
      const parts = name.split('/');
      const dependency = name.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
      users.set(dependency, (users.get(dependency) ?? new Set()).add(file));
    }
    const found = Object.fromEntries(Array.from(users, ([name, files]) => [name, [...files].sort()]));
    assert.deepEqual(found, {
      '@bufbuild/cel': ['config/src/expression-engine.ts'],
      '@bufbuild/protobuf': ['config/src/descriptors/descriptors.ts'],
      '@bufbuild/re2': ['config/src/pattern/linear-regexp.ts'],
      '@fastify/static': ['control/src/api/static-files.ts'],
      '@fastify/swagger': ['control/src/api/documents.ts'],
      '@fastify/swagger-ui': ['control/src/api/documents.ts'],
      '@redis/client': ['gateway/src/stores/redis/redis-client.ts'],
      '@seriousme/openapi-schema-validator': ['config/src/validation/check/openapi-structure.ts'],
      ajv: ['config/src/validation/schema-engine.ts'],
      'ajv-formats': ['config/src/validation/formats.ts'],
      chokidar: ['gateway/src/threads/watch-files.ts'],
      commander: ['cli/src/program.ts'],
      'dns-packet': ['gateway/src/upstream/discover/dns-message.ts'],
      fastify: ['control/src/api/fastify.ts'],
      graphql: ['config/src/graphql/graphql-engine.ts'],
      kysely: ['control/src/db/kysely.ts'],
      oauth4webapi: ['gateway/src/identity/providers/oauth.ts'],
      pg: ['control/src/db/postgres/postgres-client.ts'],
      pino: ['gateway/src/observe/process-log.ts'],
      typebox: ['config/src/schema/typebox.ts', 'control/src/api/schema.ts'],
      undici: ['gateway/src/identity/http/http-client.ts'],
      yaml: ['config/src/load/yaml.ts'],
    });
  });

  it('bundle what the dashboard is made of, each but React behind one file', () => {
    const users = new Map<string, Set<string>>();
    for (const { file, name } of imports) {
      if (!file.startsWith('dashboard/') || /^(\.|react(-dom)?(\/|$))/.test(name)) continue;
      users.set(name, (users.get(name) ?? new Set()).add(file.replace('dashboard/src/', '')));
    }
    const found = Object.fromEntries(Array.from(users, ([name, files]) => [name, [...files].sort()]));
    assert.deepEqual(found, {
      '@radix-ui/react-dropdown-menu': ['ui/menu.tsx'],
      '@radix-ui/react-tabs': ['ui/tabs.tsx'],
      '@tanstack/react-query': ['api/query.ts'],
      '@tanstack/react-table': ['ui/table.tsx'],
      uplot: ['ui/chart.tsx'],
      'uplot/dist/uPlot.min.css': ['ui/chart.tsx'],
      yaml: ['editor/text.ts'],
    });
    const manifest = readFileSync(join(packages, 'dashboard/package.json'), 'utf8');
    assert.deepEqual((JSON.parse(manifest) as { dependencies?: object }).dependencies, undefined);
  });

  it('have each npm package in docs/dependencies.md', () => {
    const page = readFileSync(join(packages, '../docs/dependencies.md'), 'utf8');
    for (const name of ['config', 'gateway', 'control', 'cli']) {
      const manifest = readFileSync(join(packages, name, 'package.json'), 'utf8');
      const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
      for (const dependency of Object.keys(dependencies)) {
        if (!dependency.startsWith('@turnpike/')) assert.ok(page.includes(`\`${dependency}\``), dependency);
      }
    }
  });
});

/** Folders of the gateway that know nobody but `core`. Everything that is not below one of them puts them together. */
const SIBLINGS = [
  'acme',
  'admission',
  'identity',
  'lists',
  'match',
  'observe',
  'stages',
  'stores',
  'translate',
  'upstream',
  'wire',
];
/** Siblings whose folders are siblings again: they do not know each other either. */
const TWO_LEVELS = ['stages', 'stores', 'translate', 'upstream'];

/** Where a file of the gateway belongs: `core`, `match`, `stages/rewrite`, `upstream`, …, or `root`. */
function partOf(path: string): string {
  const [, , folder = '', second = '', ...rest] = path.split('/');
  if (folder === 'core') return 'core';
  if (!SIBLINGS.includes(folder)) return 'root';
  return TWO_LEVELS.includes(folder) && rest.length > 0 ? `${folder}/${second}` : folder;
}

/** Whether the part of the first may know the part of the second. */
function mayKnow(part: string, other: string): boolean {
  if (part === other || other === 'core' || part === 'root') return part !== 'core' || other === 'core';
  // The files of `upstream` itself put its folders together.
  return other.startsWith(`${part}/`);
}

/** What a file loads, and what that loads, and so on; not what only lends its types. */
function loadedBy(entry: string): { file: string; name: string }[] {
  const found: { file: string; name: string }[] = [];
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, name = ''] of text.matchAll(/^(?:import|export) (?!type)[^;]*?from '([^']+)';/gm)) {
      found.push({ file, name });
      if (name.startsWith('.')) follow(join(dirname(file), name));
    }
  };
  follow(join(packages, entry));
  assert.ok(seen.size > 100, 'the imports were followed');
  return found;
}

describe('the gateway', () => {
  const inside = imports.filter(
    ({ file, target }) => file.startsWith('gateway/') && target?.startsWith('gateway/') === true,
  );

  it('has a core that imports nothing of ours but types of the configuration', () => {
    const core = imports.filter(({ file }) => partOf(file) === 'core' && file.startsWith('gateway/'));
    const wrong = core.filter(({ target, name }) =>
      target === null ? !/^(node:|@turnpike\/(config|sdk)$)/.test(name) : partOf(target) !== 'core',
    );
    assert.ok(core.length > 10);
    assert.deepEqual(wrong.map(shown), []);
  });

  it('has siblings that know the core and themselves, never each other and never the root', () => {
    const wrong = inside.filter(({ file, target }) => !mayKnow(partOf(file), partOf(target ?? '')));
    assert.ok(inside.length > 100);
    assert.deepEqual(wrong.map(shown), []);
  });

  it('has data threads that do not load the configuration language, which each would pay for', () => {
    const wrong = loadedBy('gateway/src/threads/data-thread.ts').filter(({ name }) =>
      /^@turnpike\/config(\/load)?$/.test(name),
    );
    assert.deepEqual(wrong, []);
  });

  it('has data threads that cannot order certificates, of which each would order its own', () => {
    const ordering = /\/acme\/(?:acme-client|acme-desk|certificate-keeper|order|[a-z]+-storage)\.ts$/;
    const orders = (entry: string) => loadedBy(entry).filter(({ file }) => ordering.test(file));
    assert.deepEqual(orders('gateway/src/threads/data-thread.ts'), []);
    assert.ok(orders('gateway/src/threads/back-office.ts').length > 0);
  });

  it('takes types only from the configuration, but for expressions, patterns and templates, below the root', () => {
    const names = sourceFiles().filter((file) => file.startsWith('gateway/') && partOf(file) !== 'root');
    for (const file of names) {
      const text = readFileSync(join(packages, file), 'utf8');
      assert.doesNotMatch(
        text,
        /^import (?!type)[^;]*'@turnpike\/config['/](?!expression|http-template|pattern)/m,
        file,
      );
    }
  });
});

/** Parts of the control plane that know the domain and themselves. Its root files put them together. */
const CONTROL_PARTS = ['api', 'db', 'publish', 'session'];

describe('the control plane', () => {
  const inside = imports.filter(
    ({ file, target }) => file.startsWith('control/') && target?.startsWith('control/') === true,
  );
  const part = (path: string | null): string => path?.split('/')[2] ?? '';

  it('has a domain that imports nothing of ours but the configuration', () => {
    const wrong = inside.filter(({ file, target }) => part(file) === 'domain' && part(target) !== 'domain');
    assert.ok(inside.length > 10);
    assert.deepEqual(wrong.map(shown), []);
  });

  it('has parts that know the domain and the gateway port, never each other and never the root', () => {
    const wrong = inside.filter(
      ({ file, target }) =>
        CONTROL_PARTS.includes(part(file)) &&
        ![part(file), 'domain', 'gateway-port.ts'].includes(part(target)),
    );
    assert.deepEqual(wrong.map(shown), []);
  });
});

describe('ARCHITECTURE.md', () => {
  const page = readFileSync(join(packages, '../ARCHITECTURE.md'), 'utf8');
  const pipeline = readFileSync(join(packages, 'gateway/src/pipeline.ts'), 'utf8');

  it('has at most 200 lines', () => assert.ok(page.split('\n').length <= 200));

  it('names the stages in the order of pipeline.ts', () => {
    const stages = Array.from(pipeline.matchAll(/\.through\(\s*(\w+)/g), ([, name = '']) =>
      name === 'translation'
        ? 'translate'
        : name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    );
    const listed = Array.from(page.matchAll(/^\d+\. `(?:stages\/)?([a-z-]+)`/gm), ([, name]) => name);
    assert.ok(stages.length > 3);
    assert.deepEqual(listed, stages);
    const places = [...STAGES.slice(0, -1), ...SERVICE_STAGES.slice(0, -1)];
    assert.deepEqual(places, stages, 'stage-names.ts');
  });

  it('names only files and folders that exist', () => {
    const named = Array.from(page.matchAll(/`(packages\/[\w./-]+)`/g), ([, path = '']) => path);
    assert.ok(named.length > 10);
    for (const path of named) assert.doesNotThrow(() => readdirOrFile(join(packages, '..', path)), path);
  });
});

function readdirOrFile(path: string): unknown {
  return path.endsWith('/') ? readdirSync(path) : readFileSync(path);
}
