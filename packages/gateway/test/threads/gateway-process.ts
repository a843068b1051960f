import { openProcessLog, supervise, untilStopped } from '../../src/main.ts';

// A gateway as a process of its own, for the tests of signals. Its log goes to stderr.

const log = openProcessLog({ level: 'info' });
const gateway = await supervise({
  paths: process.argv.slice(2),
  log,
  version: '0',
  watch: false,
  preStopMs: 0,
});
const stopped = untilStopped(gateway, log);
log.info('listening for signals'); // from here on a test may send them
const code = await stopped;
await log.flush();
process.exit(code);
