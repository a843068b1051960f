import type { BodySource } from '../../core/body.ts';
import type { Decisions, DecisionsOf } from '../../core/decisions.ts';
import type { Exchange, Handler, Reply, Wrapper } from '../../core/exchange.ts';
import { refuse } from '../../core/problem.ts';
import { Decoding } from './decoding.ts';
import { HeldBody } from './held-body.ts';
import { lookAt, type ContentLimits, type Look } from './look.ts';
import { scannedBody } from './scanned-body.ts';
import type { Judge, Violation } from './violation.ts';

/** What the stage reaches the world through. */
export interface LimitContentPorts {
  readonly decisions: DecisionsOf;
}

/**
 * Refuses bodies that become too much for whoever reads them: that grow too large when their content codings are undone, or
 * are JSON that is nested too deeply. They go on byte for byte as they came; none is collected, and no byte goes on before it
 * was looked into. In report mode a body is looked into up to its first violation.
 */
export function limitContent(limits: ContentLimits, { decisions }: LimitContentPorts): Wrapper | null {
  if (limits.decompressedBytes === null && limits.jsonDepth === null) return null;
  const judge = judgeOf(limits.limitsMode, decisions('limits'));

  return (next) => (exchange) => {
    const { body } = exchange;
    if (body === null) return next(exchange);
    const look = lookAt(exchange, limits);
    if (look.kind === 'none') return next(exchange);
    if (look.kind === 'refused') return answer(look.violation, exchange, { judge, next });
    if (typeof body === 'string') {
      return violationIn(body, look).then((found) => answer(found, exchange, { judge, next }));
    }
    exchange.body = guarded(body, look, judge);
    return next(exchange);
  };
}

function judgeOf(mode: ContentLimits['limitsMode'], count: Decisions): Judge {
  return ({ reason }) => {
    if (mode === 'report') {
      count.reported(reason);
      return 'go on';
    }
    count.denied(reason);
    return 'end';
  };
}

type Possible = Extract<Look, { readonly kind: 'scan' | 'decode' }>;

/** Looks into a body that is here as a whole. */
async function violationIn(body: string, look: Possible): Promise<Violation | null> {
  const bytes = Buffer.from(body, 'latin1');
  if (look.kind === 'scan') return look.scanner.scan(bytes);
  const decoding = new Decoding(look.plan);
  try {
    return (await decoding.feed(bytes)) ?? (await decoding.end());
  } finally {
    decoding.close();
  }
}

/** The body, looked into on its way. */
function guarded(body: BodySource, look: Possible, judge: Judge): BodySource {
  return look.kind === 'scan'
    ? scannedBody(body, { scanner: look.scanner, judge })
    : new HeldBody(body, look.plan, judge);
}

/** What comes of what was found before anything went on. */
function answer(
  found: Violation | null,
  exchange: Exchange,
  { judge, next }: { readonly judge: Judge; readonly next: Handler },
): Promise<Reply> {
  // Whoever had to wait may be gone.
  if (exchange.cancelled !== null) return Promise.resolve(refuse(exchange, exchange.cancelled));
  if (found === null || judge(found) === 'go on') return next(exchange);
  const { code, rule, fields = [] } = found;
  return Promise.resolve(refuse(exchange, code, { rule, fields }));
}
