import type { ShownCertificate } from '../../api/types.ts';
import { Badge, Time, type Tone } from '../../ui/words.tsx';

const DAY_MS = 86_400_000;

/** Early enough to do something about it. */
const SOON_MS = 21 * DAY_MS;

/** When a certificate ends, and how urgent that is. */
export function Ends({ of: { state, notAfter } }: { readonly of: ShownCertificate }) {
  if (state === 'missing' || notAfter === null) return <Badge tone="warn">not there yet</Badge>;
  const isSoon = Date.parse(notAfter) - Date.now() < SOON_MS;
  const tone: Tone = state === 'expired' ? 'bad' : isSoon ? 'warn' : 'ok';
  return (
    <span className="row">
      <Badge tone={tone}>{state === 'expired' ? 'expired' : isSoon ? 'soon' : 'valid'}</Badge>
      <Time at={notAfter} />
    </span>
  );
}

const MOST = 3;

/** The names of a certificate, as many as fit. */
export function Names({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return <span className="muted">–</span>;
  return (
    <span className="mono long" title={of.join(', ')}>
      {of.slice(0, MOST).join(', ')}
      {of.length > MOST && <span className="muted"> and {of.length - MOST} more</span>}
    </span>
  );
}
