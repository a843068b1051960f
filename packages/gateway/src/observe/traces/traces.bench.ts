// What traces cost a request: context in and out, and the spans that are told. Run: node packages/gateway/src/observe/traces/traces.bench.ts
import { exchangeFrom } from '../../core/exchange-testing.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headersOf } from '../../core/headers.ts';
import { systemClock } from '../../core/ports.ts';
import { random } from '../../core/random.ts';
import { OtlpOutbox } from '../otlp/otlp-outbox.ts';
import { Tracer, type TracesPlan } from './tracer.ts';

const PLAN: TracesPlan = {
  endpoint: 'http://collector',
  sample: 0,
  maxPerSecond: null,
  always: { errors: true, slow: true },
  slowMs: 1000,
  trust: 'everybody',
  isExported: true,
};
const SENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
const TARGET = { origin: 'http://10.0.3.17:8080', version: '1.1' };
const COUNT = 2000;
const ROUNDS = 60;
let length = 0;

function exchanges(sent: string): Exchange[] {
  return Array.from({ length: COUNT }, (_, n) => {
    const headers = headersOf(['Host', 'api.example.com'], ['Accept', '*/*'], ['User-Agent', 'curl/8.5.0']);
    if (sent !== '') headers.append('traceparent', sent);
    // As the parser leaves them: flat, and with their flags.
    headers.note(Buffer.from(headers.endToEndLines()).toString('latin1'), headers.flags);
    return exchangeFrom({ headers, path: `/v1/orders/${n}` });
  });
}

/** A request as the gateway works on it, as far as traces go. */
function serve(tracer: Tracer, route: ReturnType<Tracer['route']>, exchange: Exchange): void {
  tracer.begin(exchange, route);
  const { trace } = exchange;
  if (trace === null) return;
  const head = exchange.headers.endToEndLines() + trace.nextLines();
  const span = trace.attempt(exchange, TARGET);
  if (span !== null) span.startedAtMs = 1001;
  length += Buffer.from(head, 'latin1').length;
  span?.answered(200, 1004);
  tracer.ended(exchange, trace, 1005);
}

/** The same without traces. */
function plainly(exchange: Exchange): void {
  length += Buffer.from(exchange.headers.endToEndLines(), 'latin1').length;
}

function nanosecondsEach(sent: string, work: (exchange: Exchange) => void): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const all = exchanges(sent);
    const startedAtMs = performance.now();
    for (const exchange of all) work(exchange);
    times.push(((performance.now() - startedAtMs) * 1e6) / COUNT);
  }
  // The best round is the one in which nobody else had the processor.
  return Math.min(...times);
}

function measure(name: string, plan: Partial<TracesPlan>, sent = ''): void {
  const outbox = new OtlpOutbox('traces', {
    hand: () => outbox.taken(),
    dropped: () => {},
    flushAfter: () => {},
  });
  const tracer = new Tracer({ ...PLAN, ...plan }, { clock: systemClock, random: random(1), outbox });
  const route = tracer.route('/v1/orders/{id}');
  const without = nanosecondsEach(sent, plainly);
  const costNs = nanosecondsEach(sent, (exchange) => serve(tracer, route, exchange)) - without;
  print(`${name}: ${costNs.toFixed(0)} ns`);
}

measure('not sampled, nothing kept', { always: { errors: false, slow: false } });
measure('not sampled, errors and slow requests kept', {});
measure('not sampled, with traceparent of the caller', {}, SENT);
measure('10 % sampled', { sample: 0.1 });
measure('all sampled', { sample: 1 });
print(`(${length} bytes of heads)`);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
