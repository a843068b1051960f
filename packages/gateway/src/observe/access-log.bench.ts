// What a line of the access log costs. Run: node packages/gateway/src/observe/access-log.bench.ts
import { setImmediate } from 'node:timers/promises';
import { Exchange } from '../core/exchange.ts';
import { headersOf } from '../core/headers.ts';
import { jsonLines } from './access-log-line.ts';
import { openAccessLog, type LineForm } from './access-log.ts';
import { commonLines } from './common-line.ts';
import { ecsLines } from './ecs-line.ts';
import type { LineParts, WriteLine } from './line-parts.ts';
import { timeTexts } from './log-time.ts';
import { sampling } from './sampling.ts';

/** The best of them counts: other programs only make it slower. */
const ROUNDS = 6;
const BROWSER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

function exchangeOf(i: number, userAgent: string): Exchange {
  const client = { address: `203.0.113.${i % 250}`, family: 'ipv4', port: 40_000 } as const;
  // Cut out of a larger text, as the parser does.
  const head = Buffer.from(`GET /v1/orders/${i}/items?x=1 api.example.com ${userAgent}`).toString('latin1');
  const pathEnd = head.indexOf('?');
  const hostStart = head.indexOf(' ', pathEnd) + 1;
  const exchange = new Exchange({
    id: `0199c3f2-7a10-7b3c-8d4e-${String(i).padStart(12, '0')}`,
    method: 'GET',
    authority: 'api.example.com',
    host: head.slice(hostStart, hostStart + 15),
    path: head.slice(4, pathEnd),
    query: '?x=1',
    version: '1.1',
    headers: headersOf(
      ['host', 'api.example.com'],
      ['accept', '*/*'],
      ['user-agent', head.slice(hostStart + 16)],
    ),
    body: null,
    client,
    peer: client,
    fromTrustedProxy: false,
    clientCertificate: null,
    arrival: {
      listener: 'public',
      scheme: 'https',
      port: 443,
      bodyBytes: 1024,
      forwardedClientCert: false,
      forwardsClientCert: false,
    },
    upgrade: '',
    inform: () => {},
    memo: { forwarding: null, logged: null },
    startedAtMs: performance.now(),
  });
  const more = {
    route: 'orders',
    service: 'orders-api',
    endpoint: '10.0.3.17:8080',
    attempts: 1,
    status: 200,
  };
  Object.assign(exchange.record, more, { responseBytes: 5321 + i, upstreamMs: 3.1 + i / 1000, reused: true });
  return exchange;
}

function nanosecondsEach(
  times: number,
  exchanges: readonly Exchange[],
  work: (exchange: Exchange) => void,
): number {
  const start = performance.now();
  for (let i = 0; i < times; i++) work(exchanges[i % exchanges.length] ?? exchangeOf(0, ''));
  return ((performance.now() - start) * 1e6) / times;
}

const parts: LineParts = {
  timeText: timeTexts(() => Date.now() - performance.now()),
  ownFieldsOf: null,
};
const FORMS: Readonly<Record<LineForm, WriteLine>> = {
  json: jsonLines(parts),
  ecs: ecsLines(parts),
  common: commonLines(parts, 'common'),
  combined: commonLines(parts, 'combined'),
};

async function measure(name: string, userAgent: string, form: LineForm = 'json'): Promise<void> {
  const exchanges = Array.from({ length: 4096 }, (_, i) => exchangeOf(i, userAgent));
  const writeLine = FORMS[form];
  const to = process.argv[2] ?? '/dev/null';
  let characters = 0;
  let [best, bestFormat, dropped] = [Infinity, Infinity, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const log = openAccessLog({ to, form });
    const record = (exchange: Exchange) => log.record(exchange, exchange.startedAtMs + 4.567);
    const format = (exchange: Exchange) => (characters += writeLine(exchange, performance.now(), 0).length);
    let recordNs = 0;
    for (let batch = 0; batch < 1000; batch++) {
      recordNs += nanosecondsEach(100, exchanges, record) / 1000; // then the write may end
      for (let turn = 0; turn < 20; turn++) await setImmediate();
    }
    best = Math.min(best, recordNs);
    bestFormat = Math.min(bestFormat, nanosecondsEach(200_000, exchanges, format));
    dropped += log.dropped;
    await log.close();
  }
  print(
    `${name}: record ${best.toFixed(0)} ns, concatenation alone ${bestFormat.toFixed(0)} ns, dropped ${dropped}`,
  );
  print(`  bytes a line: ${writeLine(exchangeOf(7, userAgent), performance.now(), 0).length}`);
}

await measure('curl', 'curl/8.5.0');
await measure('browser', BROWSER);
await measure('browser, ecs', BROWSER, 'ecs');
await measure('browser, common', BROWSER, 'common');
await measure('browser, combined', BROWSER, 'combined');
await measure('hostile', 'ü'.repeat(50) + '"\\');

const exchange = exchangeOf(7, BROWSER);
const sample = sampling({ sampleRate: 0.1, slowMs: 1000 });
let kept = 0;
for (let round = 0; round < 3; round++) {
  const chooseNs = nanosecondsEach(2_000_000, [exchange], (one) => (kept += sample?.(one, 1) ?? 0));
  if (round === 2) print(`sampling: ${chooseNs.toFixed(0)} ns`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
