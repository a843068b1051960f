import { dotted } from '@turnpike/config/load';
import type { Auditor } from './audit.ts';

/** Secrets in files end in repositories and backups. */
export const exposedSecrets: Auditor = (_config, written) =>
  written.plainSecrets().map((path) => ({
    code: 'INSECURE',
    message: `${dotted(path)}: the secret stands in the file; write \${env:NAME} or \${file:path}`,
    path,
  }));
