import { parseDuration } from '@turnpike/config';
import { type Command, configOption } from '../command.ts';
import { debugSecret } from '../debug-secret.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { debugToken as tokenUntil, LONGEST_DEBUG_MS } from '../gateway.ts';

/** `turnpike debug-token`. */
export const debugToken: Command = {
  name: 'debug-token',
  summary: 'make a token with which requests get the trace of their decisions',
  description:
    'Signs a token with telemetry.debug.secret of the configuration. A request that brings it as X-Turnpike-Debug gets ' +
    'X-Turnpike-Trace-Id in its reply; GET /requests/{id}/trace on the admin API shows its trace for a minute. Who has the token sees ' +
    'only that id: traces need a token of the admin API.',
  parameters: [],
  options: [
    configOption,
    {
      name: 'for',
      value: { kind: 'text', name: 'TIME' },
      about: 'how long it is good (default: 10m; at most 1d)',
    },
  ],
  examples: [
    { line: 'turnpike debug-token --for 10m', about: 'with the secret of the configuration here' },
    {
      line: 'curl -iH "X-Turnpike-Debug: $(turnpike debug-token)" http://localhost:8080/',
      about: 'then look at the trace',
    },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.configuration],
  run: async (given, { out, err }) => {
    const duration = parseDuration(given.text('for') ?? '10m');
    if (!('value' in duration) || duration.value <= 0 || duration.value > LONGEST_DEBUG_MS)
      throw new UsageError('--for must be a time such as 10m, of at most 1d');
    const secret = await debugSecret(given, err);
    if (secret === null) return EXIT.configuration;
    out.print(tokenUntil(secret, Date.now() + duration.value));
    return EXIT.ok;
  },
};
