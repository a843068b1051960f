/** The certificate with which gateways speak TLS in the benchmark: ECDSA with P-256, of an authority that nobody knows. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testAuthority } from '@turnpike/testkit';

/** Files in PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Writes both to `directory`. */
export function makeCertificate(directory: string): CertificateFiles {
  const { cert, key } = testAuthority('Benchmark').issue({ names: ['127.0.0.1', 'localhost'] });
  const files = { certificate: join(directory, 'bench.pem'), key: join(directory, 'bench.key') };
  writeFileSync(files.certificate, cert);
  writeFileSync(files.key, key);
  return files;
}
