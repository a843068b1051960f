import { readFile } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import type { AdminTlsConfig, PemFile } from '@turnpike/config';
import { contextOptions } from '../wire/tls/server-contexts.ts';

/** How the admin API speaks TLS: as listeners do. Rejects if a file cannot be read. */
export async function adminTlsOptions(tls: AdminTlsConfig): Promise<SecureContextOptions> {
  const { certificate, keyFile, minVersion, clientCertificates } = tls;
  const [options] = contextOptions({
    listener: 'admin',
    certificates: [
      { kind: 'here', certificate: await read(certificate), key: await readFile(keyFile, 'utf8') },
    ],
    http2: false,
    minVersion,
    clientCertificates:
      clientCertificates === null
        ? null
        : {
            authorities: await read(clientCertificates.authorities),
            revocations:
              clientCertificates.revocations === null ? null : await read(clientCertificates.revocations),
            required: clientCertificates.required,
          },
    answersChallenges: false,
  });
  return options ?? {};
}

function read({ path }: PemFile): Promise<string> {
  return readFile(path, 'utf8');
}
