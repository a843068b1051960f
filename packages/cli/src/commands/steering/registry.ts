import { parseDuration } from '@turnpike/config';
import { UsageError } from '../../exit-codes.ts';
import type { ListedInstance } from '../../gateway.ts';
import { roughSeconds } from '../../output/units.ts';
import { type Action, type Call, resourceCommand, show, table } from './resource.ts';

/** `turnpike registry`. */
export const registry = resourceCommand({
  name: 'registry',
  summary: 'instances that register themselves: list, register, heartbeat, drain, deregister',
  description:
    'The registry of a gateway: services with discovery: { registry: NAME } send requests to what is registered under that name. An ' +
    'instance has to say that it is there, within its lease each time. Each gateway has a registry of its own.',
  actions: {
    list: { takes: '[SERVICE]', about: 'who is there', words: [0, 1], options: [], run: list },
    register: {
      takes: 'SERVICE ID URL',
      about: 'it is there, or it is still there and this is true of it now',
      words: [3, 3],
      options: ['weight', 'zone', 'priority', 'lease'],
      run: register,
    },
    heartbeat: told('POST', { path: ['heartbeat'], about: 'it is still there', done: 'heard of' }),
    drain: told('POST', { path: ['drain'], about: 'it gets nothing new', done: 'draining' }),
    deregister: told('DELETE', { path: [], about: 'it is gone', done: 'gone' }),
  },
  options: [
    {
      name: 'weight',
      value: { kind: 'text', name: 'NUMBER' },
      about: 'register: its share, against the others (default: 1)',
    },
    { name: 'zone', value: { kind: 'text', name: 'NAME' }, about: 'register: where it is' },
    {
      name: 'priority',
      value: { kind: 'text', name: 'NUMBER' },
      about: 'register: 0, the default, comes first',
    },
    {
      name: 'lease',
      value: { kind: 'text', name: 'TIME' },
      about: 'register: how long it may be silent (default: 30s)',
    },
  ],
  examples: [
    { line: 'turnpike registry list', about: 'of all services' },
    { line: 'turnpike registry register users users-1 http://10.0.0.1:8080', about: 'it is there' },
    { line: 'turnpike registry drain users users-1', about: 'before it stops' },
  ],
});

async function list(call: Call): Promise<void> {
  const [service] = call.words;
  const all = await call.client.ask<readonly ListedInstance[]>('GET', '/registry');
  const asked = all.filter((one) => service === undefined || one.service === service);
  show(asked, call, (instances, paint) => {
    const titles = ['SERVICE', 'ID', 'ADDRESS', 'WEIGHT', 'ZONE', 'STATE', 'LEASE ENDS IN'];
    return table(titles, instances.map(rowOf), { paint, none: 'nobody is registered' });
  });
}

function rowOf({ service, id, endpoint, expiresInSeconds }: ListedInstance): string[] {
  const { host, port, weight, zone, isDraining } = endpoint;
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  const place = zone === null || zone === '' ? '-' : zone;
  const state = isDraining ? 'draining' : 'in use';
  return [service, id, address, String(weight), place, state, roughSeconds(expiresInSeconds)];
}

async function register(call: Call): Promise<void> {
  const [service = '', id = '', url] = call.words;
  const made = await call.client.ask<{ readonly leaseSeconds: number }>('PUT', pathOfInstance(service, id), {
    url,
    ...numberIn(call, 'weight'),
    ...numberIn(call, 'priority'),
    ...zoneOf(call),
    ...leaseOf(call),
  });
  show(made, call, ({ leaseSeconds }) => [`registered: ${id} of ${service}, for ${leaseSeconds}s`]);
}

function zoneOf({ given }: Call): { readonly zone?: string } {
  const zone = given.text('zone');
  return zone === undefined ? {} : { zone };
}

/** What is no number is for the gateway to refuse, which knows what may be there. */
function numberIn({ given }: Call, name: string): Readonly<Record<string, number | string>> {
  const text = given.text(name);
  if (text === undefined) return {};
  return { [name]: /^\d{1,9}$/.test(text) ? Number(text) : text };
}

function leaseOf({ given }: Call): { readonly ttlSeconds?: number } {
  const text = given.text('lease');
  if (text === undefined) return {};
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new UsageError('--lease is a duration such as 30s or 5m');
  return { ttlSeconds: parsed.value / 1000 };
}

/** Says something of an instance that is known. */
function told(
  method: 'POST' | 'DELETE',
  { path, about, done }: { readonly path: readonly string[]; readonly about: string; readonly done: string },
): Action {
  return {
    takes: 'SERVICE ID',
    about,
    words: [2, 2],
    options: [],
    run: async (call) => {
      const [service = '', id = ''] = call.words;
      await call.client.ask(method, [pathOfInstance(service, id), ...path].join('/'));
      show({ service, id, state: done }, call, () => [`${done}: ${id} of ${service}`]);
    },
  };
}

function pathOfInstance(service: string, id: string): string {
  return `/registry/${[service, id].map(encodeURIComponent).join('/')}`;
}
