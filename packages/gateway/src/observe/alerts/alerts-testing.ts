import type { AlertConfig, ObjectiveConfig, ThresholdConfig } from '@turnpike/config';
import { manualClock, type ManualClock } from '@turnpike/testkit';
import { metricsBuffer } from '../metric-memory.ts';
import { ThreadMetrics } from '../metrics.ts';
import { SeriesBook } from '../series-book.ts';
import { AlertBook, type AlertView, type Tell } from './alert-book.ts';
import type { Silence } from './silence.ts';
import type { SavedAlert } from './saved-alert.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** For tests: 99.9 % over 30 days. */
export const OBJECTIVE: ObjectiveConfig = {
  kind: 'objective',
  of: { kind: 'route', id: 'buy' },
  objective: 0.999,
  windowMs: 720 * HOUR_MS,
  latencyMs: null,
};

/** For tests: the revision must not be above 5 for more than a minute. */
export const BOUND: ThresholdConfig = {
  kind: 'threshold',
  metric: 'turnpike_config_revision',
  type: 'gauge',
  labels: [],
  bound: { side: 'above', value: 5 },
  forMs: MINUTE_MS,
};

/** For tests: an alert with some of it changed. */
export function alertWith(changes: Partial<AlertConfig>): AlertConfig {
  const webhook = { shape: 'generic', secret: 'http://hooks.example/hidden', key: null } as const;
  return { name: 'orders', when: OBJECTIVE, severity: null, webhook, silence: [], ...changes };
}

/** For tests: an alert over real metrics, and time that moves when it is told to. */
export interface Watched {
  readonly clock: ManualClock;
  readonly metrics: ThreadMetrics;
  readonly book: AlertBook;
  /** What somebody asked for while it runs. */
  readonly silences: Silence[];
  /** What was told, as `firing page`. */
  readonly told: string[];
  /** Those who are told do not hear it from now on. */
  readonly deafen: () => void;
  readonly view: AlertView | undefined;
  /** So many requests to `buy`, of which so many fail, evenly over so many minutes; it looks every 15 seconds. */
  readonly serve: (minutes: number, perMinute: number, failed: number) => void;
}

/** For tests: what an earlier process has left. */
export interface Earlier {
  readonly clock: ManualClock;
  readonly saved: readonly SavedAlert[];
}

export function watched(alert: AlertConfig, { clock, saved }: Earlier = firstProcess()): Watched {
  const buffer = metricsBuffer();
  const metrics = new ThreadMetrics(buffer);
  const series = new SeriesBook();
  const told: string[] = [];
  let isHeard = true;
  const silences: Silence[] = [];
  const tell: Tell = (_, { kind, severity }, settled) => {
    told.push(`${kind} ${severity}`);
    if (isHeard) settled();
  };
  const book = new AlertBook(clock, tell, (name) => silences.find((one) => one.alert === name) ?? null);
  const look = (): void => book.look(series.families([{ thread: '0', buffer }]));
  const labels = { route: 'buy', service: 'orders' };
  book.use([alert]);
  book.restore(saved);
  look();
  return {
    clock,
    metrics,
    book,
    silences,
    told,
    deafen: () => (isHeard = false),
    get view() {
      return book.views[0];
    },
    serve(minutes, perMinute, failed) {
      for (let quarter = 0; quarter < minutes * 4; quarter++) {
        clock.advance(MINUTE_MS / 4);
        metrics.counter('turnpike_requests_total', { ...labels, code: '5xx' }).add(failed / 4);
        metrics.counter('turnpike_requests_total', { ...labels, code: '2xx' }).add((perMinute - failed) / 4);
        look();
      }
    },
  };
}

function firstProcess(): Earlier {
  return { clock: manualClock(), saved: [] };
}
