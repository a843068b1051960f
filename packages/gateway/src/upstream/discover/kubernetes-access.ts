import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiscoveryConfig } from '@turnpike/config';

/** How Kubernetes is configured. */
export type KubernetesConfig = Extract<DiscoveryConfig, { kind: 'kubernetes' }>;

/** Where the API is, and what it takes to be let in. */
export interface KubernetesAccess {
  readonly url: string;
  readonly token: CredentialFile | null;
  readonly authorities: CredentialFile | null;
}

/** A file that an API outside of our cluster may do without. */
export interface CredentialFile {
  readonly path: string;
  readonly need: 'required' | 'optional';
}

/** What a pod is told by its environment and its files. */
export interface Pod {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/**
 * As it is configured; what is not is as in a pod. The token of a pod goes over TLS only: nobody said that others on the way
 * may see it. Throws outside of a cluster if nothing says where the API is.
 */
export function kubernetesAccess(config: KubernetesConfig, pod: Pod = HERE): KubernetesAccess {
  const url = config.url?.replace(/\/+$/, '') ?? clusterUrl(pod);
  const fileOf = (configured: string | null, name: string): CredentialFile | null => {
    if (configured !== null) return { path: configured, need: 'required' };
    if (!url.startsWith('https:')) return null;
    return { path: join(pod.directory, name), need: config.url === null ? 'required' : 'optional' };
  };
  return { url, token: fileOf(config.tokenFile, 'token'), authorities: fileOf(config.authorities, 'ca.crt') };
}

function clusterUrl({ environment }: Pod): string {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = environment;
  if (host === '') throw new Error('no url is configured, and this is no pod of a cluster');
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The credentials as they are now: tokens are replaced every hour or so, and authorities now and then. */
export async function readCredentials({ token, authorities }: KubernetesAccess): Promise<{
  readonly headers: Readonly<Record<string, string>>;
  readonly authorities: string | null;
}> {
  const [tokenText, authoritiesText] = await Promise.all([textOf(token), textOf(authorities)]);
  if (tokenText === null) return { headers: {}, authorities: authoritiesText };
  const bearer = tokenText.trim();
  // It becomes a header field.
  if (!/^[\x21-\x7e]+$/.test(bearer)) throw new Error(`${token?.path} holds no token`);
  return { headers: { authorization: `Bearer ${bearer}` }, authorities: authoritiesText };
}

async function textOf(file: CredentialFile | null): Promise<string | null> {
  if (file === null) return null;
  try {
    await using handle = await open(file.path);
    const bytes = Buffer.alloc(MAX_FILE_BYTES);
    const { bytesRead } = await handle.read(bytes, 0, MAX_FILE_BYTES);
    return bytes.toString('utf8', 0, bytesRead);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' && file.need === 'optional') return null;
    throw new Error(`${file.path} cannot be read: ${code}`, { cause: error });
  }
}

const HERE: Pod = {
  environment: process.env,
  directory: '/var/run/secrets/kubernetes.io/serviceaccount',
};
const MAX_FILE_BYTES = 256 * 1024;
