// Plain JavaScript for any Node.js from 14.13 on: it runs where Turnpike itself cannot.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** The signals that mean something to Turnpike: stop, stop, reload, reopen log files. */
const FORWARDED = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'];

/**
 * Runs a program in the place of this process, as far as one can tell from outside: same input and output, signals go
 * through, and this process ends as the program does.
 *
 * A signal to the whole process group (Ctrl-C) reaches the program twice; it counts those as one.
 */
export function relaunch(binary, args, environment) {
  const child = spawn(binary, args, { stdio: 'inherit', env: environment });
  const forward = (signal) => child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);

  child.on('error', (error) => {
    process.stderr.write(`turnpike: cannot start ${binary}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    for (const name of FORWARDED) process.removeListener(name, forward);
    if (signal === null) process.exit(code);
    process.kill(process.pid, signal);
    // Node.js ignores some signals (SIGUSR1 above all), so they may not have ended this process.
    setTimeout(() => process.exit(128 + constants.signals[signal]), 1000);
  });
}
