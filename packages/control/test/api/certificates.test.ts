import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { testAuthority } from '../../../testkit/src/test-authority.ts';
import { openApi, pairFor, type TestApi } from './api-for-tests.ts';

const DAY_MS = 86_400_000;
const authority = testAuthority();
const expired = () => {
  const { cert: certificate, key } = authority.issue({
    names: ['old.test'],
    notBefore: new Date(Date.now() - 9 * DAY_MS),
    notAfter: new Date(Date.now() - DAY_MS),
  });
  return { certificate, key };
};

describe('certificates of the database', () => {
  let api: TestApi;
  before(async () => (api = await openApi()));
  after(() => api[Symbol.asyncDispose]());
  const put = (name: string, body: object, query = '') =>
    api.ask('PUT', `/v1/certificates/${name}${query}`, { body });

  it('are kept with their key sealed, shown without it, and changed without it', async () => {
    const pair = pairFor('one.test');
    assert.equal((await put('one', pair)).status, 201);
    const shown = (await api.ask('GET', '/v1/certificates/one')).json;
    assert.deepEqual(shown.document, { ...pair, key: '***' });
    const stored = await api.store.objects.find({ kind: 'certificates', name: 'one' });
    assert.ok(!JSON.stringify(stored).includes('PRIVATE'));
    const changed = await put('one', { ...shown.document, listeners: ['secure'] });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(
      changed.json.changes[0].fields.map(({ path }: { path: string }) => path),
      ['/listeners'],
    );
    const exported = (await api.ask('GET', '/v1/export?format=json')).json;
    assert.equal(exported.certificates.one.key, '***');
  });

  it('need their own key with another certificate', async () => {
    await put('rotated', pairFor('two.test'));
    const { certificate } = pairFor('three.test');
    const refused = await put('rotated', { certificate, key: '***' });
    assert.equal(refused.status, 422, refused.text);
    assert.match(refused.json.errors[0].message, /not the key of the certificate/);
  });

  it('are refused when they have ended', async () => {
    const refused = await put('old', expired());
    assert.equal(refused.status, 422);
    assert.match(refused.json.errors[0].message, /certificates\.old: the certificate has expired on/);
    assert.equal(refused.json.errors[0].pointer, '/certificates/old');
  });

  it('tell of names that nobody has any more', async () => {
    await put('only', pairFor('only.test'));
    const plan = (await api.ask('DELETE', '/v1/certificates/only?dryRun=true')).json;
    assert.deepEqual(
      plan.risks.map(({ code, objects }: { code: string; objects: string[] }) => [code, objects]),
      [['CERTIFICATE_MISSING', ['certificates.only']]],
    );
  });

  it('are for hosts of their workspace only', async () => {
    await api.store.workspaces.put({ name: 'tied', description: '', hosts: ['*.tied.test'], paths: [] });
    const strange = await put('tied', pairFor('a.free.test'), '?workspace=tied');
    assert.equal(strange.status, 422);
    assert.match(
      strange.json.errors[0].message,
      /is for a\.free\.test, but the workspace tied has \*\.tied\.test/,
    );
    assert.equal((await put('tied', pairFor('a.tied.test'), '?workspace=tied')).status, 201);
  });
});
