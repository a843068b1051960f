import { ask } from './client.ts';
import type { LoadSample, NamedLoad } from './types.ts';

/** One line of an exposition. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format of Prometheus; only names that begin so, because there are many more. */
export function readMetrics(text: string, prefixes: readonly string[]): Series[] {
  const found: Series[] = [];
  for (const line of text.split('\n')) {
    if (!prefixes.some((prefix) => line.startsWith(prefix))) continue;
    const [, name = '', labels = '', value = ''] = LINE.exec(line) ?? [];
    if (name === '') continue;
    const pairs = Array.from(labels.matchAll(LABEL), ([, key = '', text = '']) => [key, text] as const);
    found.push({ name, labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return found;
}

const DURATION = 'turnpike_request_duration_seconds_bucket';
const IN_FLIGHT = 'turnpike_requests_in_flight';
const REQUESTS = 'turnpike_requests_total';
const MOST_SAMPLES = 360;

interface Counters {
  readonly at: number;
  readonly series: readonly Series[];
}

let before: Counters | null = null;
let samples: LoadSample[] = [];

/** Makes samples of counters that are read again and again, for gateways that keep no history of their own. */
export async function overviewFromMetrics(
  signal: AbortSignal,
): Promise<{ samples: readonly LoadSample[]; now: number }> {
  const text = await ask<string>('/metrics', { signal, headers: { Accept: 'text/plain' } });
  const now = { at: Date.now(), series: readMetrics(text, [DURATION, IN_FLIGHT, REQUESTS]) };
  if (before !== null && now.at - before.at > 1000)
    samples = [...samples, sampleOf(before, now)].slice(-MOST_SAMPLES);
  if (before === null || now.at - before.at > 1000) before = now;
  return { samples, now: now.at };
}

function sampleOf(then: Counters, now: Counters): LoadSample {
  const scale = 10_000 / (now.at - then.at);
  const gains = gainsOf(then.series, now.series, scale);
  const routes = namedLoads(gains, 'route');
  const all = loadOf('', gains);
  const inFlight = now.series
    .filter(({ name }) => name === IN_FLIGHT)
    .reduce((sum, { value }) => sum + value, 0);
  return { at: now.at, ...all, inFlight, cpu: 0, routes, services: namedLoads(gains, 'service') };
}

function gainsOf(then: readonly Series[], now: readonly Series[], scale: number): Series[] {
  const key = ({ name, labels }: Series): string => name + JSON.stringify(labels);
  const old = new Map(then.map((one) => [key(one), one.value]));
  return now.map((one) => ({ ...one, value: Math.max(0, one.value - (old.get(key(one)) ?? 0)) * scale }));
}

function namedLoads(gains: readonly Series[], label: 'route' | 'service'): NamedLoad[] {
  const names = new Set(
    gains.filter(({ name }) => name === REQUESTS).map(({ labels }) => labels[label] ?? ''),
  );
  return [...names]
    .filter((name) => name !== '' && name !== '__none__')
    .map((name) =>
      loadOf(
        name,
        gains.filter(({ labels }) => labels[label] === name),
      ),
    )
    .filter(({ requests }) => requests > 0);
}

function loadOf(name: string, gains: readonly Series[]): NamedLoad {
  const totals = gains.filter((one) => one.name === REQUESTS);
  const requests = sum(totals);
  const errors = sum(totals.filter(({ labels }) => labels['code'] === '5xx'));
  return { name, requests, errors, p50Ms: quantile(gains, 0.5), p99Ms: quantile(gains, 0.99) };
}

function sum(series: readonly Series[]): number {
  return series.reduce((total, { value }) => total + value, 0);
}

/** The upper end of the bucket in which a quantile lies, in milliseconds. */
function quantile(gains: readonly Series[], share: number): number {
  const buckets = new Map<number, number>();
  for (const { name, labels, value } of gains) {
    if (name !== DURATION || labels['le'] === '+Inf') continue;
    const end = Number(labels['le']);
    buckets.set(end, (buckets.get(end) ?? 0) + value);
  }
  const ends = [...buckets].sort(([one], [other]) => one - other);
  const all = ends.at(-1)?.[1] ?? 0;
  return all === 0 ? 0 : (ends.find(([, count]) => count >= all * share)?.[0] ?? 0) * 1000;
}
