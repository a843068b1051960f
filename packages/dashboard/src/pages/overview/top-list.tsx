import { type Busy, UNNAMED } from '../../api/gateway.ts';
import { hrefOf } from '../../router/location.ts';
import { count, millis, share } from '../../ui/format.ts';
import { Card, Empty } from '../../ui/layout.tsx';

const SHOWN = 8;

/** Those with the most to do. The bar is the share of the busiest. */
export function TopList({
  title,
  kind,
  rows,
}: {
  readonly title: string;
  readonly kind: 'routes' | 'services';
  readonly rows: readonly Busy[];
}) {
  const most = rows[0]?.perSecond ?? 0;
  return (
    <Card
      title={title}
      isPadded={false}
      aside={
        rows.length > SHOWN && (
          <a className="small" href={`#/${kind}`}>
            All {rows.length}
          </a>
        )
      }
    >
      {rows.length === 0 ? (
        <Empty icon={kind} title="No requests yet">
          Send one, and it is here within ten seconds.
        </Empty>
      ) : (
        <>
          <div className="bar-row bar-head" aria-hidden="true">
            <span>Name</span>
            <span className="end">req/s</span>
            <span className="end">errors</span>
            <span className="end wide-only">p99</span>
          </div>
          <ul style={{ paddingBottom: 'var(--s2)' }}>
            {rows.slice(0, SHOWN).map(({ name, perSecond, errorShare, p99Ms }) => (
              <li key={name} className="bar-row">
                <span
                  className="bar-fill"
                  style={{ width: `${most === 0 ? 0 : (perSecond / most) * 100}%` }}
                />
                <span className="truncate">
                  {name === UNNAMED ? (
                    <span className="muted">no route took it</span>
                  ) : (
                    <a href={hrefOf([kind, name])}>{name}</a>
                  )}
                </span>
                <span className="end">
                  {count(perSecond)}
                  <span className="visually-hidden"> requests per second</span>
                </span>
                <span className={errorShare > 0.01 ? 'end tone-bad' : 'end muted'}>
                  {share(errorShare)}
                  <span className="visually-hidden"> errors</span>
                </span>
                <span className="end wide-only">
                  {millis(p99Ms)}
                  <span className="visually-hidden"> at the 99th percentile</span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
