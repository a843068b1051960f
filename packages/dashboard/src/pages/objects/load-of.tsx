import { useMemo } from 'react';
import { SAMPLE_MS, useOverview } from '../../api/gateway.ts';
import type { LoadSample } from '../../api/types.ts';
import { Chart } from '../../ui/chart.tsx';
import { count, millis } from '../../ui/format.ts';
import { Card } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { LinkButton } from '../../ui/button.tsx';
import { hrefOf } from '../../router/location.ts';

/** The last hour of one route or service. */
export function LoadOf({ kind, name }: { readonly kind: 'routes' | 'services'; readonly name: string }) {
  const overview = useOverview();
  return (
    <Loaded of={overview}>
      {({ samples }) => (
        <div className="stack">
          <Lines samples={samples} kind={kind} name={name} />
          {kind === 'routes' && (
            <div>
              <LinkButton icon="tail" href={hrefOf(['tail'], { route: name })}>
                Watch its requests
              </LinkButton>
            </div>
          )}
        </div>
      )}
    </Loaded>
  );
}

/** As much as the gateway keeps. */
const HOUR_MS = 3_600_000;
const LEAST_MS = 300_000;

function Lines({
  samples,
  kind,
  name,
}: {
  readonly samples: readonly LoadSample[];
  readonly kind: 'routes' | 'services';
  readonly name: string;
}) {
  const { times, rate, errors, p50, p99 } = useMemo(() => {
    const own = samples.map((sample) => sample[kind].find((one) => one.name === name));
    return {
      times: samples.map(({ at }) => at),
      rate: own.map((one) => (one?.requests ?? 0) / 10),
      errors: own.map((one) => (one?.errors ?? 0) / 10),
      p50: own.map((one) => one?.p50Ms ?? null),
      p99: own.map((one) => one?.p99Ms ?? null),
    };
  }, [samples, kind, name]);
  return (
    <div className="grid" data-cols="halves">
      <Card title="Requests per second">
        <Chart
          label={`Requests per second of ${name}`}
          times={times}
          format={count}
          spanMs={Math.min(HOUR_MS, Math.max(LEAST_MS, samples.length * SAMPLE_MS))}
          lines={[
            { label: 'requests', color: '--chart-1', values: rate, isFilled: true },
            { label: 'errors', color: '--chart-bad', values: errors },
          ]}
        />
      </Card>
      <Card title="Latency">
        <Chart
          label={`Latency of ${name}`}
          times={times}
          format={millis}
          spanMs={Math.min(HOUR_MS, Math.max(LEAST_MS, samples.length * SAMPLE_MS))}
          lines={[
            { label: 'p50', color: '--chart-1', values: p50 },
            { label: 'p99', color: '--chart-3', values: p99 },
          ]}
        />
      </Card>
    </div>
  );
}
