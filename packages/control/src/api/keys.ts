import { newCredential } from '../domain/credential.ts';
import { DEFAULT_WORKSPACE, type ObjectRef } from '../domain/objects.ts';
import type { ConsumerKey } from '../domain/keys.ts';
import { titleOf } from './change.ts';
import { durationOf, EXPIRY, expiryOf, invalid, millisecondsOf, TOO_LONG } from './expiry.ts';
import type { Kit } from './kit.ts';
import { placeOfObject } from './objects.ts';
import { type Call, type Operation, operation, type Place } from './operation.ts';
import {
  answerTagged,
  beliefOf,
  CONDITIONS,
  etagOf,
  READ_CONDITIONS,
  TAGGED,
  unmet,
} from './preconditions.ts';
import { answer, problem, type Reply } from './problems.ts';
import { optional, shape, text, textLike } from './schema.ts';
import { keyShown, keyView, nameOf, PAGE, page } from './views.ts';

const KEYS = '/v1/consumers/{name}/keys';
const consumer = shape('', { name: nameOf('the consumer', 'acme') });
const one = shape('', {
  ...consumer.properties,
  id: textLike('Id of the key.', '^tp_[0-9A-Za-z]{8}$', 'tp_Ab3dE6gH'),
});
const label = optional(text('For people.', 200));
const DAY_MS = 86_400_000;

/** Keys of consumers. They are no part of revisions, and nobody can see one a second time. */
export function keyOperations(kit: Kit): readonly Operation[] {
  const place = ({ path }: { path: { name: string } }): Promise<Place> =>
    placeOfObject(refOf(path.name), undefined, kit);
  const access = (role: 'viewer' | 'editor') => ({ role, within: 'workspace', place }) as const;
  const about = { tag: 'keys', parameters: one } as const;
  return [
    operation({
      id: 'listKeys',
      method: 'GET',
      path: KEYS,
      tag: 'keys',
      summary: 'Lists the keys of a consumer',
      description: 'In order of ids, with those that were revoked or have ended.',
      access: access('viewer'),
      parameters: consumer,
      query: shape('', PAGE),
      answers: { 200: { description: 'A page of them.', body: page(keyView) } },
      problems: ['NOT_FOUND'],
      handle: async ({ path: { name }, query: { limit = 100, after = null } }) => {
        if (!(await isConsumer(name, kit))) return noConsumer(name);
        const { items, next } = await kit.ports.store.keys.list(name, { limit, after });
        return answer(200, { items: items.map(viewOf), next });
      },
    }),
    operation({
      id: 'createKey',
      method: 'POST',
      path: KEYS,
      tag: 'keys',
      summary: 'Makes a key for a consumer',
      description: 'The answer is the only time that the key is shown.',
      access: access('editor'),
      parameters: consumer,
      body: shape('What key.', { label, ...EXPIRY }),
      bodyMayLack: true,
      answers: { 201: { description: 'The key.', body: keyShown, headers: TAGGED } },
      problems: ['NOT_FOUND'],
      handle: async (call) => {
        const { name } = call.path;
        const end = expiryOf(call.body, kit.ports.clock.epoch());
        if ('status' in end) return end;
        if (!(await isConsumer(name, kit))) return noConsumer(name);
        const key = { consumer: name, label: call.body.label ?? '', expiresAt: end.at ?? null };
        const made = await make(key, call, kit);
        await tell(made.key, 'key.create', { call, kit });
        return shown(made);
      },
    }),
    operation({
      id: 'getKey',
      method: 'GET',
      path: `${KEYS}/{id}`,
      ...about,
      summary: 'Shows a key, without the key',
      access: access('viewer'),
      headers: READ_CONDITIONS,
      answers: {
        200: { description: 'All but the key.', body: keyView, headers: TAGGED },
        304: { description: 'It still is what you have.', body: null },
      },
      problems: ['NOT_FOUND'],
      handle: async ({ path, header }) => {
        const found = await keyOf(path, kit);
        return found === null ? noKey(path) : answerTagged(header, viewOf(found), tagOf(found));
      },
    }),
    operation({
      id: 'updateKey',
      method: 'PATCH',
      path: `${KEYS}/{id}`,
      ...about,
      summary: 'Changes the label or the end of a key',
      access: access('editor'),
      body: shape('What to change.', { label, ...EXPIRY }),
      headers: CONDITIONS,
      answers: { 200: { description: 'As it is then.', body: keyView, headers: TAGGED } },
      problems: ['NOT_FOUND', 'ENDED', 'PRECONDITION_FAILED'],
      handle: async (call) => {
        const { path, body } = call;
        const end = expiryOf(body, kit.ports.clock.epoch());
        if ('status' in end) return end;
        const found = await keyOf(path, kit);
        if (found === null) return noKey(path);
        if (found.revokedAt !== null) return problem('ENDED', { detail: `${path.id} was revoked` });
        const expiry = end.at === undefined ? {} : { expiresAt: end.at };
        const change = { ...(body.label !== undefined && { label: body.label }), ...expiry };
        return update({ key: found, change, action: 'key.update' }, call, kit);
      },
    }),
    operation({
      id: 'revokeKey',
      method: 'DELETE',
      path: `${KEYS}/{id}`,
      ...about,
      summary: 'Revokes a key for good',
      description:
        'Gateways refuse it within a second. It stays in the list, so that one can see what it was.',
      access: access('editor'),
      headers: CONDITIONS,
      answers: { 200: { description: 'As it is then.', body: keyView, headers: TAGGED } },
      problems: ['NOT_FOUND', 'PRECONDITION_FAILED'],
      handle: async (call) => {
        const found = await keyOf(call.path, kit);
        if (found === null) return noKey(call.path);
        if (found.revokedAt !== null)
          return unmet(call.header, tagOf(found)) ?? answer(200, viewOf(found), { ETag: tagOf(found) });
        const change = { revokedAt: kit.ports.clock.epoch() };
        return update({ key: found, change, action: 'key.revoke' }, call, kit);
      },
    }),
    operation({
      id: 'rotateKey',
      method: 'POST',
      path: `${KEYS}/{id}/rotate`,
      ...about,
      summary: 'Makes a new key, and lets the old one end',
      description:
        'Both are good for the overlap, a day without another, so that the caller has time to change over.',
      access: access('editor'),
      body: shape('How.', { overlap: optional(durationOf('How long the old one is good yet.', '24h')) }),
      bodyMayLack: true,
      headers: CONDITIONS,
      answers: { 201: { description: 'The new key.', body: keyShown, headers: TAGGED } },
      problems: ['NOT_FOUND', 'ENDED', 'PRECONDITION_FAILED'],
      handle: (call) => rotate(call, kit),
    }),
  ];
}

type KeyPath = { readonly name: string; readonly id: string };

async function rotate(call: Call<KeyPath, unknown, { readonly overlap?: string }>, kit: Kit): Promise<Reply> {
  const overlapMs = call.body.overlap === undefined ? DAY_MS : millisecondsOf(call.body.overlap);
  if (overlapMs === null) return invalid('/overlap', TOO_LONG);
  const now = kit.ports.clock.epoch();
  const old = await keyOf(call.path, kit);
  if (old === null) return noKey(call.path);
  const hasEnded = old.revokedAt !== null || (old.expiresAt !== null && old.expiresAt <= now);
  if (hasEnded) return problem('ENDED', { detail: `${old.id} is not good any more` });
  const failed = unmet(call.header, tagOf(old));
  if (failed !== null) return failed;
  const { consumer, label, expiresAt, createdAt } = old;
  // The new one is good for as long as the old one was to be.
  const next = expiresAt === null ? null : now + (expiresAt - createdAt);
  const made = await make({ consumer, label, expiresAt: next }, call, kit);
  const end = Math.min(now + overlapMs, expiresAt ?? Infinity);
  const { keys } = kit.ports.store;
  const belief = beliefOf<ConsumerKey>(call.header, tagOf);
  if ((await keys.update(old.id, { expiresAt: end }, belief.isTrue)) === null) {
    await keys.update(made.key.id, { revokedAt: now }); // nobody has seen it
    return belief.refusal() ?? noKey(call.path);
  }
  await tell(made.key, 'key.rotate', { call, kit });
  return shown(made);
}

interface Made {
  readonly key: ConsumerKey;
  readonly secret: string;
}

async function make(
  key: Pick<ConsumerKey, 'consumer' | 'label' | 'expiresAt'>,
  { caller }: Call<unknown, unknown, unknown>,
  { ports: { store, clock, secretBytes } }: Kit,
): Promise<Made> {
  const { id, text: secret, digest } = newCredential('tp', secretBytes);
  const about = { id, digest, createdAt: clock.epoch(), createdBy: caller.name };
  return { key: await store.keys.create({ ...key, ...about }), secret };
}

function shown({ key, secret }: Made): Reply {
  return answer(201, { ...viewOf(key), key: secret }, { ETag: tagOf(key) });
}

async function update(
  { key, change, action }: { key: ConsumerKey; change: Partial<ConsumerKey>; action: string },
  call: Call<KeyPath, unknown, unknown>,
  kit: Kit,
): Promise<Reply> {
  const belief = beliefOf<ConsumerKey>(call.header, tagOf);
  const updated = await kit.ports.store.keys.update(key.id, change, belief.isTrue);
  if (updated === null) return belief.refusal() ?? noKey(call.path);
  await tell(updated, action, { call, kit });
  return answer(200, viewOf(updated), { ETag: tagOf(updated) });
}

async function tell(
  { id, consumer }: ConsumerKey,
  action: string,
  { call, kit }: { readonly call: Call<unknown, unknown, unknown>; readonly kit: Kit },
): Promise<void> {
  const ref = refOf(consumer);
  const stored = await kit.ports.store.objects.find(ref);
  const workspace = stored?.workspace ?? DEFAULT_WORKSPACE;
  await kit.audit.done(call, { action, target: titleOf(ref), workspace, detail: id });
}

async function keyOf({ name, id }: KeyPath, { ports }: Kit): Promise<ConsumerKey | null> {
  const found = await ports.store.keys.find(id);
  return found?.consumer === name ? found : null;
}

async function isConsumer(name: string, { ports: { rules, store } }: Kit): Promise<boolean> {
  const ref = refOf(name);
  return rules.fileObject(ref) !== null || (await store.objects.find(ref)) !== null;
}

function refOf(name: string): ObjectRef {
  return { kind: 'consumers', name };
}

function viewOf({ digest: _digest, change: _change, ...view }: ConsumerKey): object {
  return view;
}

/** Its use is no change. */
function tagOf({ change }: ConsumerKey): string {
  return etagOf(change);
}

function noConsumer(name: string): Reply {
  return problem('NOT_FOUND', { detail: titleOf(refOf(name)) });
}

function noKey({ name, id }: KeyPath): Reply {
  return problem('NOT_FOUND', { detail: `${titleOf(refOf(name))} has no key ${id}` });
}
