/** The command line. */
import { parseArgs } from 'node:util';

export const help = `npm run bench -- [scenario…] [options]

Measures Turnpike beside nginx, HAProxy, @fastify/http-proxy and a proxy of node:http and undici.
Scenarios: small 64k 1m upload cache cache-64k told routes jwt grpc transcode https http2 latency idle rest; all of them when none is named.

  --peers a,b     only these: turnpike, nginx, haproxy, fastify, undici
  --rounds N      how often each is measured, in turn (3)
  --seconds S     how long a round is, in whole seconds (3)
  --quick         one round of one second, 2,000 idle connections, neither 64k nor 1m: a look, not a result
  --cores G,L     the core of the gateways, and that of the load and the origin (the first two)
  --turnpike FILE another turnpike.js, to measure another checkout
  --against FILE  one more turnpike.js, loaded in turn with the first: the peer \`against\`
  --json FILE     write everything that was measured
  --help          this text

Exit code: 0; 1 when anything failed or was answered wrongly; 2 when the command line is wrong; 130 after Ctrl-C.
See bench/README.md for what the numbers mean.`;

/** What the user asked for. Empty lists mean all, or our choice. */
export interface Options {
  readonly scenarios: readonly string[];
  readonly peers: readonly string[];
  readonly cores: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpMs: number;
  readonly idleConnections: number;
  readonly turnpike: string | null;
  readonly against: string | null;
  readonly json: string | null;
  readonly wantsHelp: boolean;
}

const full = { rounds: 3, seconds: 3, warmUpMs: 1500, idleConnections: 10_000, scenarios: [] };
const quick = {
  rounds: 1,
  seconds: 1,
  warmUpMs: 1200,
  idleConnections: 2000,
  scenarios: ['small', 'upload', 'routes', 'jwt', 'latency', 'idle', 'rest'],
};

/** Reads the arguments; throws an `Error` that says which is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      peers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      cores: { type: 'string' },
      turnpike: { type: 'string' },
      against: { type: 'string' },
      json: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const usual = values.quick ? quick : full;
  return {
    scenarios: positionals.length > 0 ? positionals : usual.scenarios,
    peers: values.peers?.split(',') ?? [],
    cores: values.cores?.split(',').map((core) => wholeNumber('--cores', core, 0)) ?? [],
    rounds: values.rounds === undefined ? usual.rounds : wholeNumber('--rounds', values.rounds, 1),
    seconds: values.seconds === undefined ? usual.seconds : wholeNumber('--seconds', values.seconds, 1),
    warmUpMs: usual.warmUpMs,
    idleConnections: usual.idleConnections,
    turnpike: values.turnpike ?? null,
    against: values.against ?? null,
    json: values.json ?? null,
    wantsHelp: values.help,
  };
}

const most = 3600;

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`${option} wants whole numbers from ${least} to ${most}, not ${text}`);
  }
  return value;
}

/** The things whose names were given, in our order; all when none was. Throws for a name that there is not. */
export function pick<T extends { readonly name: string }>(
  all: readonly T[],
  names: readonly string[],
): readonly T[] {
  const unknown = names.find((name) => all.every((item) => item.name !== name));
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}
