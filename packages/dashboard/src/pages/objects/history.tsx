import { useHistory } from '../../api/objects.ts';
import type { Kind } from '../../api/types.ts';
import { Card, Empty } from '../../ui/layout.tsx';
import { Loaded } from '../../ui/states.tsx';
import { Badge, Time } from '../../ui/words.tsx';

/** What an object was. */
export function History({ kind, name }: { readonly kind: Kind; readonly name: string }) {
  const history = useHistory(kind, name);
  return (
    <Loaded of={history}>
      {({ items }) => (
        <Card title="Versions, newest first" isPadded={false}>
          {items.length === 0 && <Empty icon="revisions" title="There is none yet" />}
          {items.map(({ revision, document, at, author, message }, index) => (
            <details key={revision} className="card-body" open={index === 0}>
              <summary className="row">
                <a href={`#/revisions/${revision}`}>revision {revision}</a>
                {document === null && <Badge tone="bad">removed</Badge>}
                {author && <span>{author}</span>}
                {at !== undefined && (
                  <span className="muted">
                    <Time at={at} />
                  </span>
                )}
                {message && <span className="muted">{message}</span>}
              </summary>
              {document !== null && <pre className="code">{JSON.stringify(document, null, 2)}</pre>}
            </details>
          ))}
        </Card>
      )}
    </Loaded>
  );
}
