import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openApi, type TestApi } from './api-for-tests.ts';

const service = { endpoints: ['http://10.0.0.7:8080'] };
const other = { endpoints: ['http://10.0.0.8:8080'] };
const route = { match: { path: '/users/*' }, service: 'users' };
const provider = {
  issuer: 'https://idp.example',
  audiences: ['gateway'],
  introspection: { clientId: 'gateway', clientSecret: 'a-very-secret-secret' },
};

const namesIn = ({ items }: { items: { name: string }[] }): string[] => items.map(({ name }) => name);

describe('an object', () => {
  it('is made, shown, changed and removed', async () => {
    await using api = await openApi();
    const made = await api.ask('PUT', '/v1/services/users?message=first', { body: service });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers.get('etag'), '"1"');
    assert.equal(made.json.revision, 1);
    assert.equal(made.json.changes[0].action, 'added');
    assert.equal((await api.store.revisions.find(1))?.message, 'first');

    const again = await api.ask('PUT', '/v1/services/users', { body: service });
    assert.equal(again.status, 200);
    assert.equal(again.json.revision, null);
    assert.equal(again.headers.get('etag'), '"1"');

    const shown = await api.ask('GET', '/v1/services/users');
    assert.deepEqual(shown.json.document, service);
    assert.equal(shown.json.updatedBy, 'admin');
    const known = await api.ask('GET', '/v1/services/users', { headers: { 'if-none-match': '"1"' } });
    assert.equal(known.status, 304);

    const changed = await api.ask('PUT', '/v1/services/users', { body: other });
    assert.equal(changed.json.revision, 2);
    assert.deepEqual(changed.json.changes[0].fields, [
      { path: '/endpoints', before: service.endpoints, after: other.endpoints },
    ]);

    const removed = await api.ask('DELETE', '/v1/services/users');
    assert.equal(removed.json.changes[0].action, 'removed');
    assert.equal((await api.ask('GET', '/v1/services/users')).status, 404);
    const history = await api.ask('GET', '/v1/services/users/history');
    assert.deepEqual(
      history.json.items.map((one: { revision: number }) => one.revision),
      [3, 2, 1],
    );
    assert.deepEqual(api.complaints, []);
  });

  it('is checked together with the files, and told what is wrong with a pointer', async () => {
    await using api = await openApi();
    const refused = await api.ask('PUT', '/v1/routes/users', { body: route });
    assert.equal(refused.json.code, 'CONFIG_REJECTED');
    assert.equal(refused.json.errors[0].code, 'UNKNOWN_NAME');
    assert.equal(refused.json.errors[0].pointer, '/routes/users/service');
    assert.equal(await api.store.revisions.head(), 0);
  });

  it('is only planned by a dry run', async () => {
    await using api = await openApi();
    const plan = await api.ask('PUT', '/v1/services/users?dryRun=true', { body: service });
    assert.equal(plan.status, 200);
    assert.equal(plan.json.revision, null);
    assert.equal(plan.json.changes.length, 1);
    assert.equal(await api.store.revisions.head(), 0);
    assert.equal((await api.ask('GET', '/v1/audit')).json.items.length, 0);
  });

  it('of a file cannot be written, and says where it stands', async () => {
    await using api = await openApi();
    for (const [method, body] of [
      ['PUT', service],
      ['DELETE', undefined],
    ] as const) {
      const refused = await api.ask(method, '/v1/services/pinned', { body });
      assert.equal(refused.json.code, 'OWNED_BY_FILES');
      assert.equal(refused.json.file, '/g.yaml');
      assert.ok(refused.json.line > 0);
    }
    const shown = await api.ask('GET', '/v1/services/pinned');
    assert.equal(shown.json.owner, 'files');
    assert.deepEqual(shown.json.origin.file, '/g.yaml');
  });

  it('that a file came to shadow is shown beside it, and can be removed', async () => {
    await using api = await openApi();
    const author = { author: 'a', address: '', origin: 'api', message: '', base: 0, risks: [] } as const;
    const change = {
      kind: 'services',
      name: 'pinned',
      workspace: 'default',
      before: null,
      after: service,
    } as const;
    await api.store.revisions.commit({ ...author, changes: [change] });
    const { json } = await api.ask('GET', '/v1/services?limit=1');
    assert.deepEqual(
      json.items.map((one: { owner: string; status: { state: string } }) => [one.owner, one.status.state]),
      [
        ['files', 'active'],
        ['database', 'shadowed'],
      ],
    );
    assert.equal((await api.ask('DELETE', '/v1/services/pinned')).status, 200);
    assert.equal(await api.store.objects.find({ kind: 'services', name: 'pinned' }), null);
  });

  it('keeps a secret that is written back as ***', async () => {
    await using api = await openApi();
    const path = '/v1/identity-providers/corporate';
    assert.equal((await api.ask('PUT', path, { body: provider })).status, 201);
    const shown = await api.ask('GET', path);
    assert.equal(shown.json.document.introspection.clientSecret, '***');
    const stored = await api.store.objects.find({ kind: 'identityProviders', name: 'corporate' });
    assert.ok(!JSON.stringify(stored).includes('a-very-secret'));
    const back = await api.ask('PUT', path, { body: shown.json.document });
    assert.equal(back.json.revision, null, back.text);
    const changed = await api.ask('PUT', path, { body: { ...shown.json.document, audiences: ['other'] } });
    assert.equal(changed.json.revision, 2);
    assert.ok(!changed.text.includes('a-very-secret'));
  });
});

describe('lists of objects', () => {
  it('have pages in which files and the database are one', async () => {
    await using api = await openApi();
    for (const name of ['a', 'b', 'q', 'z']) await api.ask('PUT', `/v1/services/${name}`, { body: service });
    const seen: string[] = [];
    let after = '';
    for (let pages = 0; pages < 9; pages++) {
      const { json } = await api.ask('GET', `/v1/services?limit=2${after}`);
      assert.ok(json.items.length <= 2);
      seen.push(...namesIn(json));
      if (json.next === null) break;
      after = `&after=${json.next}`;
    }
    assert.deepEqual(seen, ['a', 'b', 'pinned', 'q', 'z']);
  });

  it('are searched by a part of the name, whatever its case', async () => {
    await using api = await openApi();
    for (const name of ['Users-A', 'users-b', 'orders'])
      await api.ask('PUT', `/v1/services/${name}`, { body: service });
    const { json } = await api.ask('GET', '/v1/services?q=USERS');
    assert.deepEqual(namesIn(json), ['Users-A', 'users-b']);
  });
});

describe('editors at the same time', () => {
  it('all get what they want when they change different things', async () => {
    await using api = await openApi();
    const names = Array.from({ length: 12 }, (_, i) => `s${String.fromCharCode(97 + i)}`);
    const answers = await Promise.all(
      names.map((name) => api.ask('PUT', `/v1/services/${name}`, { body: service })),
    );
    for (const { status, text } of answers) assert.equal(status, 201, text);
    assert.equal(await api.store.revisions.head(), names.length);
    assert.deepEqual(namesIn((await api.ask('GET', '/v1/services')).json), ['pinned', ...names]);
  });

  it('do not overwrite each other when they say what they have seen', async () => {
    await using api = await openApi();
    await api.ask('PUT', '/v1/services/users', { body: service });
    const bodies = [8, 9, 10, 11].map((n) => ({ endpoints: [`http://10.0.0.${n}:80`] }));
    const answers = await Promise.all(
      bodies.map((body) => api.ask('PUT', '/v1/services/users', { body, headers: { 'if-match': '"1"' } })),
    );
    assert.equal(
      answers
        .map(({ status }) => String(status))
        .sort()
        .join(),
      '200,412,412,412',
    );
    const refused = answers.find(({ status }) => status === 412);
    assert.equal(refused?.headers.get('etag'), '"2"');
  });

  it('make a thing once when all want to be the first', async () => {
    await using api = await openApi();
    const asking = { body: service, headers: { 'if-none-match': '*' } };
    const answers = await Promise.all([1, 2, 3].map(() => api.ask('PUT', '/v1/services/users', asking)));
    assert.equal(
      answers
        .map(({ status }) => String(status))
        .sort()
        .join(),
      '201,412,412',
    );
  });

  it('are told to try again when others are always faster', async () => {
    await using api = await openApi();
    api.database('stale');
    assert.equal((await api.ask('PUT', '/v1/services/users', { body: service })).json.code, 'STALE');
  });
});

describe('many objects at once', () => {
  const both = { services: { users: service }, routes: { users: route } };

  it('are one revision, or none', async () => {
    await using api = await openApi();
    const applied = await api.ask('POST', '/v1/apply', { body: both });
    assert.equal(applied.json.revision, 1, applied.text);
    assert.equal(applied.headers.get('etag'), '"1"');
    const half = {
      services: { more: service },
      routes: { more: { match: { path: '/m' }, service: 'nobody' } },
    };
    assert.equal((await api.ask('POST', '/v1/apply', { body: half })).json.code, 'CONFIG_REJECTED');
    assert.equal(await api.store.objects.find({ kind: 'services', name: 'more' }), null);
    assert.equal((await api.ask('POST', '/v1/apply', { body: both })).json.revision, null);
  });

  it('come as YAML too', async () => {
    await using api = await openApi();
    const headers = { 'content-type': 'application/yaml' };
    const body = 'services:\n  users: { endpoints: ["http://10.0.0.7:8080"] }\n';
    assert.equal((await api.ask('POST', '/v1/apply', { body, headers })).json.revision, 1);
    const exported = await api.ask('GET', '/v1/export?format=yaml');
    assert.match(exported.headers.get('content-type') ?? '', /^application\/yaml/);
    const back = await api.ask('POST', '/v1/apply?mode=replace', { body: exported.text, headers });
    assert.equal(back.json.revision, null, 'what was exported changes nothing');
  });

  it('replace what their workspace has, and nothing else', async () => {
    await using api = await openApi();
    await api.store.workspaces.put({ name: 'team', description: '', hosts: [], paths: [] });
    await api.ask('PUT', '/v1/services/theirs?workspace=team', { body: service });
    await api.ask('POST', '/v1/apply', { body: both });
    const replaced = await api.ask('POST', '/v1/apply?mode=replace', {
      body: { services: { new: service } },
    });
    assert.deepEqual(
      replaced.json.changes
        .map((one: { name: string; action: string }) => `${one.action} ${one.name}`)
        .sort(),
      ['added new', 'removed users', 'removed users'],
    );
    assert.notEqual(await api.store.objects.find({ kind: 'services', name: 'theirs' }), null);
  });

  it('are refused as a whole when what is to go has no name', async () => {
    await using api = await openApi();
    for (const removed of [null, 'routes.users', ['users'], ['routes.'], [1]]) {
      const { json } = await api.ask('POST', '/v1/apply', { body: { delete: removed } });
      assert.equal(json.code, 'INVALID');
      assert.match(json.errors[0].pointer, /^\/delete/);
    }
  });

  it('are refused when one is named twice', async () => {
    await using api = await openApi();
    await api.ask('POST', '/v1/apply', { body: both });
    for (const body of [
      { put: { services: { users: other } }, delete: ['services.users'] },
      { delete: ['routes.users', 'routes.users'] },
    ]) {
      const { json } = await api.ask('POST', '/v1/apply', { body });
      assert.equal(json.code, 'INVALID');
      assert.match(json.errors[0].message, /named twice/);
    }
  });

  it('are put and removed, and what is gone already is no matter', async () => {
    await using api = await openApi();
    await api.ask('POST', '/v1/apply', { body: both });
    const body = {
      put: { services: { new: service } },
      delete: ['routes.users', 'services.users', 'lists.gone'],
    };
    const { json } = await api.ask('POST', '/v1/apply', { body });
    assert.equal(json.changes.length, 3);
  });
});

describe('the history', () => {
  it('goes back to what was, as a new revision, with its plan first', async () => {
    await using api = await openApi();
    await api.ask('PUT', '/v1/services/users', { body: service });
    await api.ask('PUT', '/v1/services/users', { body: other });
    await api.ask('PUT', '/v1/services/more', { body: other });
    const plan = await api.ask('POST', '/v1/revisions/1/rollback?dryRun=true');
    assert.deepEqual(actions(plan.json), ['removed services.more', 'changed services.users']);
    const done = await api.ask('POST', '/v1/revisions/1/rollback');
    assert.equal(done.json.revision, 4);
    assert.deepEqual((await api.ask('GET', '/v1/services/users')).json.document, service);
    const made = await api.ask('GET', '/v1/revisions/4');
    assert.equal(made.json.origin, 'rollback');
    const diff = await api.ask('GET', '/v1/revisions/3/diff?to=4');
    assert.deepEqual(actions(diff.json), actions(plan.json));
    assert.deepEqual(actions((await api.ask('GET', '/v1/revisions/1/diff?to=4')).json), []);
  });

  it('is audited with who, what and from where', async () => {
    await using api = await openApi();
    await api.ask('PUT', '/v1/services/users', { body: service, as: 'editor' });
    await api.ask('DELETE', '/v1/services/users');
    const { json } = await api.ask('GET', '/v1/audit');
    assert.deepEqual(
      json.items.map(({ author, action, target, address, revision }: Record<string, unknown>) => [
        author,
        action,
        target,
        address,
        revision,
      ]),
      [
        ['admin', 'object.delete', 'services.users', '127.0.0.1', 2],
        ['editor', 'object.put', 'services.users', '127.0.0.1', 1],
      ],
    );
  });
});

function actions({ changes }: { changes: { action: string; kind: string; name: string }[] }): string[] {
  return changes.map(({ action, kind, name }) => `${action} ${kind}.${name}`);
}

describe('a roll-out', () => {
  const body = {
    steps: [{ kind: 'percent', percent: 5 }],
    stepMs: 1_000,
    put: { services: { users: service } },
  };

  it('begins with its revision, and stands in the way of other changes', async () => {
    await using api = await openApi();
    const started = await api.ask('POST', '/v1/rollouts', { body });
    assert.equal(started.status, 201, started.text);
    assert.deepEqual(
      [started.json.revision, started.json.rollout.revision, started.json.rollout.base],
      [1, 1, 0],
    );
    const { id } = started.json.rollout;
    const { json } = await api.ask('PUT', '/v1/services/x', { body: service });
    assert.equal(json.code, 'ROLLOUT_RUNNING');
    assert.equal(json.detail, `roll-out ${id} is running; complete it or roll it back first`);
    assert.equal((await api.ask('POST', `/v1/rollouts/${id}/pause`)).json.state, 'paused');
    assert.equal((await api.ask('POST', `/v1/rollouts/${id}/resume`)).json.state, 'running');
    assert.equal((await api.ask('POST', `/v1/rollouts/${id}/complete`)).json.state, 'completed');
    assert.equal((await api.ask('POST', `/v1/rollouts/${id}/pause`)).json.code, 'ENDED');
    assert.equal((await api.ask('PUT', '/v1/services/x', { body: service })).status, 201);
  });

  it('is rolled back by a revision with what was before', async () => {
    await using api = await openApi();
    const { json } = await api.ask('POST', '/v1/rollouts', { body });
    const back = await api.ask('POST', `/v1/rollouts/${json.rollout.id}/roll-back`);
    assert.equal(back.json.state, 'rolled-back', back.text);
    assert.equal(await api.store.revisions.head(), 2);
    assert.equal(await api.store.objects.find({ kind: 'services', name: 'users' }), null);
  });

  it('that cannot be committed has not begun', async () => {
    await using api = await openApi();
    api.database('stale');
    assert.equal((await api.ask('POST', '/v1/rollouts', { body })).json.code, 'STALE');
    api.database('well');
    assert.equal(await api.store.fleet.rollout(), null);
  });

  it('needs of each step what its kind says', async () => {
    await using api = await openApi();
    for (const step of [
      { kind: 'percent' },
      { kind: 'zones', percent: 5 },
      { kind: 'nodes', nodes: ['a'], zones: ['b'] },
    ]) {
      const refused = await api.ask('POST', '/v1/rollouts', { body: { ...body, steps: [step] } });
      assert.equal(refused.json.errors[0].pointer, '/steps/0');
    }
  });
});

describe('a request', () => {
  const wrong: readonly [string, string, Parameters<TestApi['ask']>[2], string][] = [
    ['an unknown parameter', '/v1/services?dryrun=true', {}, 'query/dryrun'],
    ['a parameter twice', '/v1/services?limit=1&limit=2', {}, 'query/limit'],
    ['a page that is too long', '/v1/services?limit=1001', {}, 'query/limit'],
    ['a name that is none', '/v1/services/a%2Fb', {}, 'path/name'],
    ['a name that is special', '/v1/services/__proto__', {}, 'path/name'],
    ['an empty workspace', '/v1/services?workspace=', {}, 'query/workspace'],
  ];
  for (const [what, path, asking, pointer] of wrong) {
    it(`with ${what} is refused, and told where`, async () => {
      await using api = await openApi();
      const { status, json } = await api.ask('GET', path, asking);
      assert.equal(status, 422);
      assert.equal(json.code, 'INVALID');
      assert.deepEqual(
        json.errors.map((one: { pointer: string }) => one.pointer),
        [pointer],
      );
    });
  }

  it('with unknown and missing members is told all of them', async () => {
    await using api = await openApi();
    const { json } = await api.ask('POST', '/v1/explain', { body: { uri: 'x', methods: [] } });
    assert.deepEqual(json.errors.map((one: { pointer: string }) => one.pointer).sort(), [
      '/methods',
      '/uri',
      '/url',
    ]);
  });

  it('of another method is told which there are', async () => {
    await using api = await openApi();
    const refused = await api.ask('PATCH', '/v1/services/users', { body: {} });
    assert.equal(refused.status, 405);
    assert.equal(refused.headers.get('allow'), 'GET, PUT, DELETE, HEAD');
    assert.equal((await api.ask('GET', '/v1/nothing')).json.code, 'NOT_FOUND');
  });

  it('for HEAD is GET without its body', async () => {
    await using api = await openApi();
    const { status, text, headers } = await api.ask('HEAD', '/v1/services');
    assert.deepEqual([status, text], [200, '']);
    assert.ok(Number(headers.get('content-length')) > 10);
  });
});
