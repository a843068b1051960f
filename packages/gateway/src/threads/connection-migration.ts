import { readFile, writeFile } from 'node:fs/promises';
import type { Log } from '../core/ports.ts';

/**
 * Has Linux hand connections that wait at a listener which closes to the others at that port (5.14 and newer). Without it,
 * closing one of several `reusePort` listeners, as every restart of a thread does, resets those that wait in its queue:
 * measured about 3 of 13,000 a second, and none of 52,526 with it.
 *
 * The setting belongs to the network namespace, so this is for root. Nobody else is bothered: it is only a debug line.
 */
export async function enableConnectionMigration(log: Log, setting = SETTING): Promise<void> {
  if (process.platform !== 'linux') return;
  try {
    if ((await readFile(setting, 'utf8')).trim() === '1') return;
    if (process.getuid?.() !== 0) throw new Error('only root may set it');
    await writeFile(setting, '1');
    log.info('set net.ipv4.tcp_migrate_req=1, so that restarts of threads lose no connection');
  } catch (error) {
    log.debug(
      'restarts of threads may lose waiting connections; set it with sysctl -w net.ipv4.tcp_migrate_req=1',
      {
        error,
      },
    );
  }
}

const SETTING = '/proc/sys/net/ipv4/tcp_migrate_req';
