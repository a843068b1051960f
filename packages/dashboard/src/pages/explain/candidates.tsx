import type { Candidate } from '../../api/types.ts';
import { hrefOf } from '../../router/location.ts';
import { Card } from '../../ui/layout.tsx';
import { Badge } from '../../ui/words.tsx';

const SHOWN = 12;

/** Routes that were considered, and why each was passed over. */
export function Candidates({ candidates }: { readonly candidates: readonly Candidate[] }) {
  if (candidates.length === 0) return null;
  return (
    <Card title="Routes that were considered" isPadded={false}>
      <ol className="list">
        {candidates.slice(0, SHOWN).map(({ route, path, outcome, mismatches }) => (
          <li key={route}>
            <Badge
              tone={outcome === 'chosen' ? 'ok' : 'plain'}
              icon={outcome === 'chosen' ? 'check' : 'skip'}
            >
              {outcome}
            </Badge>
            <span className="grow">
              <a href={hrefOf(['routes', route])}>{route}</a> <code className="muted">{path}</code>
            </span>
            <span className="small muted">
              {mismatches.length > 0
                ? `does not fit: ${mismatches.join(', ')}`
                : outcome === 'outranked'
                  ? 'fits, but another is more specific'
                  : ''}
            </span>
          </li>
        ))}
      </ol>
      {candidates.length > SHOWN && (
        <p className="card-body muted small">and {candidates.length - SHOWN} more</p>
      )}
    </Card>
  );
}
