import { useMemo } from 'react';
import { busiest, SAMPLE_MS, useOverview, useStatus } from '../../api/gateway.ts';
import type { LoadSample } from '../../api/types.ts';
import { useQueryValue } from '../../router/location.ts';
import { Segments } from '../../ui/button.tsx';
import { Chart, Spark } from '../../ui/chart.tsx';
import { count, millis, plural, share } from '../../ui/format.ts';
import { Card, Note, PageHead } from '../../ui/layout.tsx';
import { Skeleton, Trouble } from '../../ui/states.tsx';
import { Firing } from './firing.tsx';
import { HealthStrip } from './health-strip.tsx';
import { TopList } from './top-list.tsx';

const SPANS = { '5m': 30, '15m': 90, '1h': 360 } as const;

/** As many as a small line can show. */
const SPARK_POINTS = 60;

/** How the gateway does, on one page. */
export function Page() {
  const overview = useOverview();
  const [span, setSpan] = useQueryValue('span', '1h');
  const all = overview.data?.samples;
  // A gateway that has just started knows no hour: the shortest span that has all shows more.
  const wanted = SPANS[span as keyof typeof SPANS] ?? SPANS['1h'];
  const known = Object.values(SPANS).find((one) => one >= (all?.length ?? 0)) ?? wanted;
  const most = Math.min(wanted, known);
  const samples = useMemo(() => all?.slice(-most) ?? [], [all, most]);
  return (
    <>
      <PageHead title="Overview" lead="What goes through this gateway, and how it is.">
        <Segments
          label="Time span"
          value={span}
          choices={[
            ['5m', '5 min'],
            ['15m', '15 min'],
            ['1h', '1 hour'],
          ]}
          onChange={setSpan}
        />
      </PageHead>
      <div className="stack">
        <HealthStrip />
        <Firing />
        {overview.error && <Trouble error={overview.error} isStale={overview.data !== undefined} />}
        {overview.data === undefined ? (
          !overview.error && <Skeleton rows={14} />
        ) : (
          <>
            {overview.data.isPartial && (
              <Note title="Since this page was opened">
                This gateway keeps no history of its own, so its counters are read from here.
              </Note>
            )}
            <Numbers samples={samples} most={most} />
            <Charts samples={samples} spanMs={most * SAMPLE_MS} />
            <div className="grid" data-cols="halves">
              <TopList title="Busiest routes" kind="routes" rows={busiest(samples, 'routes')} />
              <TopList title="Busiest services" kind="services" rows={busiest(samples, 'services')} />
            </div>
          </>
        )}
      </div>
    </>
  );
}

function errorShare(sample: LoadSample | undefined): number {
  return sample === undefined || sample.requests === 0 ? 0 : sample.errors / sample.requests;
}

/** What is true now: the last ten seconds, and the way there. */
function Numbers({ samples, most }: { readonly samples: readonly LoadSample[]; readonly most: number }) {
  const cores = useStatus().data?.threads.length ?? 0;
  const last = samples.at(-1);
  const step = Math.max(1, Math.ceil(most / SPARK_POINTS));
  const sparks = useMemo(() => thinned(samples, step), [samples, step]);
  const points = most / step;
  const isFailing = errorShare(last) > 0.01;
  return (
    <div className="grid" data-cols="stats">
      <Stat
        label="Requests"
        value={count((last?.requests ?? 0) / 10)}
        unit="per second"
        line={sparks.map(({ requests }) => requests)}
        points={points}
      />
      <Stat
        label="Errors (5xx)"
        value={share(errorShare(last))}
        unit=""
        line={sparks.map(errorShare)}
        points={points}
        tone={isFailing ? 'bad' : undefined}
        color="--chart-bad"
      />
      <Stat
        label="Latency p50"
        value={millis(last?.p50Ms)}
        unit=""
        line={sparks.map(({ p50Ms }) => p50Ms)}
        points={points}
      />
      <Stat
        label="Latency p99"
        value={millis(last?.p99Ms)}
        unit=""
        line={sparks.map(({ p99Ms }) => p99Ms)}
        points={points}
        color="--chart-3"
      />
      <Stat
        label="In flight"
        value={count(last?.inFlight ?? 0)}
        unit="requests"
        line={sparks.map(({ inFlight }) => inFlight)}
        points={points}
        color="--chart-2"
      />
      <Stat
        label="Saturation"
        value={(last?.cpu ?? 0).toFixed(2)}
        unit={cores > 0 ? `of ${plural(cores, 'core')}` : 'cores'}
        line={sparks.map(({ cpu }) => cpu)}
        points={points}
        color="--chart-2"
      />
    </div>
  );
}

function Stat({
  label,
  value,
  unit,
  line,
  points,
  tone,
  color = '--chart-1',
}: {
  readonly label: string;
  readonly value: string;
  readonly unit: string;
  readonly line: readonly number[];
  readonly points: number;
  readonly tone?: 'bad' | undefined;
  readonly color?: string;
}) {
  return (
    <section className="card stat" aria-label={label}>
      <h2 className="stat-label">{label}</h2>
      <div className={`stat-value ${tone === undefined ? '' : `tone-${tone}`}`}>
        {value}
        {unit && <small>{unit}</small>}
      </div>
      <Spark values={line} most={points} color={color} />
    </section>
  );
}

/** Every so manieth, and the last. */
function thinned(samples: readonly LoadSample[], step: number): readonly LoadSample[] {
  return samples.filter((_, index) => (samples.length - 1 - index) % step === 0);
}

function Charts({ samples, spanMs }: { readonly samples: readonly LoadSample[]; readonly spanMs: number }) {
  const data = useMemo(
    () => ({
      times: samples.map(({ at }) => at),
      rate: [
        {
          label: 'requests',
          color: '--chart-1',
          values: samples.map(({ requests }) => requests / 10),
          isFilled: true,
        },
        { label: 'errors (5xx)', color: '--chart-bad', values: samples.map(({ errors }) => errors / 10) },
      ],
      latency: [
        { label: 'p50', color: '--chart-1', values: samples.map(({ p50Ms }) => p50Ms) },
        { label: 'p99', color: '--chart-3', values: samples.map(({ p99Ms }) => p99Ms) },
      ],
    }),
    [samples],
  );
  return (
    <div className="grid" data-cols="halves">
      <Card title="Requests per second">
        <Chart
          label="Requests per second"
          times={data.times}
          lines={data.rate}
          format={count}
          spanMs={spanMs}
        />
      </Card>
      <Card title="Latency">
        <Chart label="Latency" times={data.times} lines={data.latency} format={millis} spanMs={spanMs} />
      </Card>
    </div>
  );
}
