import type { Fleet } from '../../api/rollouts.ts';
import type { Rollout } from '../../api/types.ts';
import { count, millis, plural, share } from '../../ui/format.ts';

/** Whom nobody has heard of for so long is not compared. */
const SILENT_MS = 10_000;

/** Gateways that have a revision beside those that have not, over the last ten seconds: what decides whether it goes on. */
export function Comparison({
  rollout: { revision },
  nodes,
}: {
  readonly rollout: Rollout;
  readonly nodes: Fleet['nodes'];
}) {
  const alive = nodes.filter(({ heartbeatAgeMs }) => heartbeatAgeMs < SILENT_MS);
  const has = alive.filter((node) => node.revision >= revision);
  const rows = [
    ['With it', has],
    ['Without', alive.filter((node) => node.revision < revision)],
  ] as const;
  return (
    <div className="table-wrap" role="group" tabIndex={0} aria-label="Comparison">
      <table className="table comparison" data-dense="">
        <caption className="visually-hidden">{`Gateways with and without revision ${revision}`}</caption>
        <thead>
          <tr>
            <th scope="col">Comparison</th>
            <th scope="col" data-align="end">
              Gateways
            </th>
            <th scope="col" data-align="end">
              Req/s
            </th>
            <th scope="col" data-align="end">
              Errors
            </th>
            <th scope="col" data-align="end">
              p99
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([title, cohort]) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td data-align="end" title={cohort.map(({ name }) => name).join(', ')}>
                {plural(cohort.length, 'gateway')}
              </td>
              <Load of={cohort} />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Load({ of }: { readonly of: Fleet['nodes'] }) {
  const sum = (value: (load: Fleet['nodes'][number]['load']) => number): number =>
    of.reduce((total, { load }) => total + value(load), 0);
  const requests = sum((load) => load.requests);
  const errors = requests === 0 ? 0 : sum((load) => load.errors) / requests;
  return (
    <>
      <td data-align="end">{count(requests / 10)}</td>
      <td data-align="end" className={errors > 0.01 ? 'tone-bad' : undefined}>
        {share(errors)}
      </td>
      <td data-align="end">
        {requests === 0 ? '–' : millis(sum((load) => load.p99Ms * load.requests) / requests)}
      </td>
    </>
  );
}
