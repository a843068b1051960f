import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What comes, however much of it is answered: a load that does not wait is what overloads. */
export interface Load {
  readonly port: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Paths of the requests, each as often as it stands here. */
  readonly paths: readonly string[];
}

/** What became of some requests. */
export interface Outcome {
  offered: number;
  /** Answered before the client lost its patience. */
  good: number;
  /** Sent away with a 503 that says when to come back. */
  shed: number;
  /** Of those that were answered, in ms. */
  readonly latencies: number[];
}

/** What became of a load, together and by path. */
export interface LoadResult extends Outcome {
  readonly byPath: ReadonlyMap<string, Outcome>;
  /** How long it really took to send it. */
  readonly seconds: number;
}

/** Sends a load at an even pace and waits for the end of all of it. Each request is sent once. */
export async function openLoop({ port, seconds, perSecond, paths }: Load): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 1024 });
  const total = newOutcome();
  const byPath = new Map(paths.map((path) => [path, newOutcome()]));
  const underWay: Promise<void>[] = [];
  const beganMs = performance.now();
  for (let sent = 0; sent < seconds * perSecond;) {
    const due = Math.min(seconds, (performance.now() - beganMs) / 1000) * perSecond;
    for (; sent < due; sent++) {
      // Every path in turn, and not in the same order each time: 7919 is a prime.
      const path = paths[(sent * 7919 + Math.floor(sent / paths.length)) % paths.length] ?? '/';
      underWay.push(send({ agent, port, path }, [total, byPath.get(path) ?? total]));
    }
    await delay(PACE_MS);
  }
  const tookSeconds = (performance.now() - beganMs) / 1000;
  await Promise.all(underWay);
  agent.destroy();
  return { ...total, byPath, seconds: tookSeconds };
}

function send(
  target: { readonly agent: Agent; readonly port: number; readonly path: string },
  outcomes: readonly Outcome[],
): Promise<void> {
  const beganMs = performance.now();
  for (const outcome of outcomes) outcome.offered++;
  return new Promise((resolve) => {
    const outgoing = request({ ...target, host: '127.0.0.1' }, (response) => {
      response.resume();
      response.once('end', () => {
        const tookMs = performance.now() - beganMs;
        const isShed = response.statusCode === 503 && response.headers['retry-after'] !== undefined;
        for (const outcome of outcomes) note(outcome, response.statusCode === 200, isShed, tookMs);
        resolve();
      });
    });
    // A connection that breaks is no good answer, and is counted as none.
    outgoing.once('error', () => resolve());
    outgoing.end();
  });
}

function note(outcome: Outcome, isDone: boolean, isShed: boolean, tookMs: number): void {
  if (isShed) outcome.shed++;
  if (!isDone) return;
  outcome.latencies.push(tookMs);
  if (tookMs <= PATIENCE_MS) outcome.good++;
}

function newOutcome(): Outcome {
  return { offered: 0, good: 0, shed: 0, latencies: [] };
}

const PACE_MS = 2;
const PATIENCE_MS = 1000;
