/**
 * Many endpoints in one process, each with its workers, its queue and its bad times: what a balancer is for.
 *
 * The argument is a {@link Cluster} as JSON. Prints the ports as a JSON list; every line on standard input, a number, begins
 * anew with that seed, so that all gateways meet the same endpoints.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Cluster, EndpointPlan } from '../cluster/scenarios.ts';
import { seeded, type Draw } from '../cluster/seeded.ts';

const END_OF_HEAD = '\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok';
const UNAVAILABLE = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n';

const cluster: Cluster = JSON.parse(process.argv[2] ?? '');

/** One endpoint: its requests are worked off in the order in which they came. */
class Endpoint {
  readonly #plan: EndpointPlan;
  #draw: Draw = seeded(0);
  #beganMs = 0;
  #freeAtMs: number[] = [];
  /** When the pace changes next, and whether it is slow until then. */
  #turnAtMs = 0;
  #isBusyElsewhere = false;

  constructor(plan: EndpointPlan) {
    this.#plan = plan;
  }

  begin(seed: number): void {
    this.#draw = seeded(seed);
    this.#beganMs = performance.now();
    this.#freeAtMs = Array.from({ length: cluster.workers }, () => 0);
    this.#turnAtMs = 0;
    this.#isBusyElsewhere = true;
  }

  answer(socket: Socket): void {
    const nowMs = performance.now();
    if (this.#plan.fails) {
      setTimeout(() => socket.write(UNAVAILABLE), 1);
      return;
    }
    const worker = this.#freeAtMs.indexOf(Math.min(...this.#freeAtMs));
    const startMs = Math.max(nowMs, this.#freeAtMs[worker] ?? 0);
    const doneMs = startMs + this.#draw.logNormal(cluster.meanMs, cluster.sigma) / this.#speedAt(startMs);
    this.#freeAtMs[worker] = doneMs;
    setTimeout(() => {
      if (socket.writable) socket.write(OK);
    }, doneMs - nowMs);
  }

  #speedAt(timeMs: number): number {
    const { speed, slow } = this.#plan;
    const sinceMs = timeMs - this.#beganMs;
    const isSlow = slow !== null && sinceMs >= slow.fromMs && sinceMs < slow.untilMs;
    return speed * (isSlow ? slow.factor : 1) * (this.#isDisturbed(timeMs) ? 0.4 : 1);
  }

  /** A neighbour takes its time: a fifth of the whole, a second each on average. */
  #isDisturbed(timeMs: number): boolean {
    if (!cluster.neighbours) return false;
    if (this.#turnAtMs === 0) this.#turnAtMs = timeMs;
    while (this.#turnAtMs <= timeMs) {
      this.#isBusyElsewhere = !this.#isBusyElsewhere;
      this.#turnAtMs += this.#draw.exponential(this.#isBusyElsewhere ? 1000 : 4000);
    }
    return this.#isBusyElsewhere;
  }
}

function serve(endpoint: Endpoint): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    let rest = '';
    socket.setEncoding('latin1');
    socket.on('error', () => socket.destroy());
    socket.on('data', (text: string) => {
      const heads = (rest + text).split(END_OF_HEAD);
      rest = heads.pop() ?? '';
      for (let i = 0; i < heads.length; i++) endpoint.answer(socket);
    });
  });
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

const endpoints = cluster.endpoints.map((plan) => new Endpoint(plan));
const begin = (seed: number): void => {
  for (const [index, endpoint] of endpoints.entries()) endpoint.begin(seed * 1000 + index);
};
begin(1);
console.log(JSON.stringify(await Promise.all(endpoints.map(serve))));
createInterface({ input: process.stdin })
  .on('line', (line) => {
    begin(Number(line));
    console.log('"begun"');
  })
  .on('close', () => process.exit());
