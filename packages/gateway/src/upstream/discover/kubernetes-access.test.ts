import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { kubernetesAccess, readCredentials, type KubernetesConfig } from './kubernetes-access.ts';

const CONFIG: KubernetesConfig = {
  kind: 'kubernetes',
  url: null,
  namespace: 'prod',
  service: 'search',
  port: null,
  tokenFile: null,
  authorities: null,
};
const ENVIRONMENT = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' };
const POD = { environment: ENVIRONMENT, directory: '/pod' };

describe('the way to the API of Kubernetes', () => {
  it('is that of the pod by default', () => {
    assert.deepEqual(kubernetesAccess(CONFIG, POD), {
      url: 'https://10.96.0.1:6443',
      token: { path: '/pod/token', need: 'required' },
      authorities: { path: '/pod/ca.crt', need: 'required' },
    });
    const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1' };
    assert.equal(kubernetesAccess(CONFIG, { ...POD, environment }).url, 'https://[fd00::1]:443');
  });

  it('is as it is configured', () => {
    const config = { ...CONFIG, url: 'https://k8s:6443/', tokenFile: '/t', authorities: '/c' };
    assert.deepEqual(kubernetesAccess(config, POD), {
      url: 'https://k8s:6443',
      token: { path: '/t', need: 'required' },
      authorities: { path: '/c', need: 'required' },
    });
  });

  it('does without the files of a pod elsewhere, and shows its token to nobody on the way', () => {
    const { token } = kubernetesAccess({ ...CONFIG, url: 'https://k8s:6443' }, POD);
    assert.equal(token?.need, 'optional');
    const plain = { url: 'http://127.0.0.1:8001', token: null, authorities: null };
    assert.deepEqual(kubernetesAccess({ ...CONFIG, url: 'http://127.0.0.1:8001' }, POD), plain);
  });

  it('is unknown outside of a cluster', () => {
    assert.throws(() => kubernetesAccess(CONFIG, { ...POD, environment: {} }), /no pod/);
  });
});

describe('credentials for Kubernetes', () => {
  it('are read from their files, as they are now', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'turnpike-pod-'));
    try {
      const pod = { environment: ENVIRONMENT, directory };
      const optional = kubernetesAccess({ ...CONFIG, url: 'https://k8s' }, pod);
      assert.deepEqual(await readCredentials(optional), { headers: {}, authorities: null });
      const required = kubernetesAccess(CONFIG, pod);
      await assert.rejects(readCredentials(required), /cannot be read: ENOENT/);
      await writeFile(join(directory, 'ca.crt'), 'PEM');
      for (const token of ['one', 'two']) {
        await writeFile(join(directory, 'token'), `${token}\n`);
        const headers = { authorization: `Bearer ${token}` };
        assert.deepEqual(await readCredentials(required), { headers, authorities: 'PEM' });
      }
      for (const token of ['', 'a b', 'a\nb']) {
        await writeFile(join(directory, 'token'), token);
        await assert.rejects(readCredentials(required), /holds no token/);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
