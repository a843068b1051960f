import { type GatewayConfig, type GatewayDocument, plainSource, readConfig } from '@turnpike/config';
import { type Command, type Given, logLevelOption } from '../command.ts';
import { EXIT, Failure, UsageError } from '../exit-codes.ts';
import { listenersInUse } from '../serve/in-use.ts';

/** `turnpike proxy`. */
export const proxy: Command = {
  name: 'proxy',
  summary: 'run a reverse proxy, without any configuration',
  description:
    'Sends everything that comes in at LISTEN to one of the targets, WebSockets included. The same engine as "start", with ' +
    'one route: streaming in both directions, all cores, X-Forwarded-* and Via, the fastest target first.',
  parameters: [
    { name: 'LISTEN', count: 'one', about: 'where to listen: :8080, 127.0.0.1:8080, [::1]:8080' },
    { name: 'TARGET', count: 'some', about: 'where to send requests: http://host:port, or host:port' },
  ],
  options: [
    {
      name: 'host-header',
      value: { kind: 'text', name: 'HOST' },
      about: 'the Host that targets get (default: what the client sent)',
    },
    {
      name: 'balancer',
      value: {
        kind: 'choice',
        choices: ['adaptive', 'round-robin', 'least-request', 'random'],
        fallback: 'adaptive',
      },
      about: 'how a target is chosen',
    },
    {
      name: 'health',
      value: { kind: 'text', name: 'PATH' },
      about:
        'ask each target for this path every 5s, such as /healthz (default: only real requests are watched)',
    },
    {
      name: 'threads',
      value: { kind: 'text', name: 'N' },
      about: 'how many threads (default: one per core)',
    },
    {
      name: 'timeout',
      value: { kind: 'text', name: 'DURATION' },
      about: 'how long a request may take in all, such as 30s (default: as long as bytes flow)',
    },
    {
      name: 'body-limit',
      value: { kind: 'text', name: 'SIZE' },
      about: 'the largest request body, such as 1GiB (default: 10MiB)',
    },
    {
      name: 'access-log',
      value: { kind: 'text', name: 'WHERE' },
      about: 'stdout, stderr, off, or a file (default: stdout)',
    },
    {
      name: 'admin',
      value: { kind: 'text', name: 'ADDRESS' },
      about: 'where /healthz, /readyz and /metrics are, such as 127.0.0.1:9901 (default: nowhere)',
    },
    logLevelOption,
  ],
  examples: [
    { line: 'turnpike proxy :8080 http://127.0.0.1:9001', about: 'one service' },
    {
      line: 'turnpike proxy :8080 127.0.0.1:9001 127.0.0.1:9002 --health /healthz',
      about: 'two copies of it, and only those that are well',
    },
    {
      line: 'turnpike proxy 127.0.0.1:8080 http://example.com --host-header example.com',
      about: 'a site that goes by its name',
    },
    { line: 'turnpike proxy :8080 :9001 --threads 1 --access-log off', about: 'small and quiet' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage, EXIT.cut],
  run: async (given, outputs) => {
    const config = proxyConfig(given);
    const [taken] = await listenersInUse(config.listeners);
    if (taken !== undefined) {
      throw new Failure(`the gateway cannot start: port ${taken.address.port} is in use`);
    }
    const { serve } = await import('../serve/serve.ts');
    return serve({ config }, given, outputs);
  },
};

/** The configuration that the words of the command line stand for. */
function proxyConfig(given: Given): GatewayConfig {
  const source = plainSource('command line', proxyDocument(given));
  const { config, issues } = readConfig([source]);
  if (config !== null) return config;
  throw new UsageError(issues.map(({ message }) => message).join('\n'));
}

function proxyDocument(given: Given): GatewayDocument {
  const [listen = '', ...targets] = given.words;
  const threads = given.text('threads') ?? 'auto';
  const timeout = given.text('timeout');
  const host = given.text('host-header');
  const bodyBytes = given.text('body-limit');
  const admin = given.text('admin');
  const health = given.text('health');
  return {
    listeners: {
      web: {
        address: /^\d+$/.test(listen) ? `:${listen}` : listen,
        ...(bodyBytes !== undefined && { limits: { bodyBytes } }),
      },
    },
    services: {
      target: {
        endpoints: targets.map(endpointUrl),
        balancer: given.text('balancer') as 'adaptive', // one of the choices
        ...(health !== undefined && { health: { path: health } }),
      },
    },
    routes: {
      all: {
        match: { path: '/*' },
        service: 'target',
        upgrade: ['websocket'],
        ...(host !== undefined && { rewrite: { host } }),
        ...(timeout !== undefined && { policies: { timeout } }),
      },
    },
    admin: admin === undefined || admin === 'off' ? 'off' : { address: admin },
    telemetry: { accessLog: accessLog(given.text('access-log') ?? 'stdout') },
    // A number, auto, or what the check will object to.
    runtime: { threads: /^\d+$/.test(threads) ? Number(threads) : (threads as 'auto') },
  };
}

function accessLog(to: string): 'off' | { to: string } {
  return to === 'off' ? to : { to };
}

/** `:9001` and `host:9001` are short for a URL. */
function endpointUrl(target: string): string {
  if (target.includes('://')) return target;
  return `http://${target.startsWith(':') ? `127.0.0.1${target}` : target}`;
}
