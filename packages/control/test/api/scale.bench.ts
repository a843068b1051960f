// `node packages/control/test/api/scale.bench.ts`: the admin API with 10,000 routes, 1,000 services and 100,000 keys.
import { DatabaseSync } from 'node:sqlite';
import { openApi, type TestApi } from './api-for-tests.ts';

const [SERVICES, ROUTES, KEYS] = [1_000, 10_000, Number(process.env['KEYS'] ?? 100_000)];

await using api = await openApi();

const services = Object.fromEntries(
  Array.from({ length: SERVICES }, (_, i) => [
    `s${i}`,
    { endpoints: [`http://10.${i >> 8}.${i & 255}.1:8080`] },
  ]),
);
const routes = Object.fromEntries(
  Array.from({ length: ROUTES }, (_, i) => [
    `r${i}`,
    { match: { path: `/r${i}/{id}` }, service: `s${i % SERVICES}` },
  ]),
);

await timed('apply of all of them in one revision', () => put('POST', '/v1/apply', { services, routes }));
await timed('the same again: nothing changes', () => put('POST', '/v1/apply', { services, routes }));
await timed(`${KEYS} keys, straight into the file of the database`, () => seedKeys(api));
await repeated('a page of 100 routes', 20, () => get('/v1/routes?limit=100&after=r5'));
await repeated('a page of 1,000 routes', 5, () => get('/v1/routes?limit=1000'));
await repeated('a page of 100 that are searched', 20, () => get('/v1/routes?q=99&limit=100'));
await repeated('a page of 100 keys', 20, () => get('/v1/consumers/acme/keys?limit=100'));
await repeated('one route', 50, () => get('/v1/routes/r77'));
await repeated('PUT of one route', 10, (i) =>
  put('PUT', '/v1/routes/r77', { match: { path: `/r77/x${i}` }, service: 's1' }),
);
await repeated('dry run of one route', 5, () =>
  put('PUT', '/v1/routes/r77?dryRun=true', { match: { path: '/r77/y' }, service: 's1' }),
);
await repeated('a new key', 20, () => put('POST', '/v1/consumers/acme/keys', { label: 'bench' }));
await timed('export of all', () => get('/v1/export'));
await timed('rollback to the first revision', () => put('POST', '/v1/revisions/1/rollback', undefined));
console.log(`memory: ${Math.round(process.memoryUsage().rss / 1e6)} MB`);

async function seedKeys({ file, ask }: TestApi): Promise<void> {
  await ask('PUT', '/v1/consumers/acme', { body: {} });
  using database = new DatabaseSync(file);
  database.exec('begin');
  const columns = 'id, consumer, label, digest, created_at, created_by, change';
  const insert = database.prepare(
    `insert into consumer_keys (${columns}) values (?, 'acme', '', ?, 1, 'bench', ?)`,
  );
  for (let i = 0; i < KEYS; i++) {
    insert.run(`tp_${String(i).padStart(8, '0')}`, String(i).padStart(64, '0'), -1 - i);
  }
  database.exec('commit');
}

async function get(path: string): Promise<void> {
  const { status, text } = await api.ask('GET', path);
  if (status !== 200) throw new Error(text.slice(0, 500));
}

async function put(method: string, path: string, body: unknown): Promise<void> {
  const { status, text } = await api.ask(method, path, { body });
  if (status >= 300) throw new Error(text.slice(0, 500));
}

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await work();
  console.log(`${what}: ${Math.round(performance.now() - began)} ms`);
}

async function repeated(what: string, times: number, work: (i: number) => Promise<void>): Promise<void> {
  const took: number[] = [];
  const { user, system } = process.cpuUsage();
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await work(i);
    took.push(performance.now() - began);
  }
  took.sort((a, b) => a - b);
  const [middle = 0, worst = 0] = [took[took.length >> 1], took.at(-1)];
  const used = process.cpuUsage({ user, system });
  const cpuMs = (used.user + used.system) / 1000 / times;
  console.log(
    `${what}: ${middle.toFixed(1)} ms (worst of ${times}: ${worst.toFixed(1)}; CPU ${cpuMs.toFixed(1)} each)`,
  );
}
