import type { Reply } from '../../core/exchange.ts';
import type { Asking } from './asking.ts';
import { encodeHead } from './cached-head.ts';
import type { FetchPorts } from './fetch.ts';
import { FORWARDED, withStatus } from './forward.ts';
import { judgeHead, type FetchPlan } from './judge.ts';
import type { Fitting } from './look.ts';
import { isPlacedAt } from './place-fill.ts';
import { staleFrom } from './restored-head.ts';
import type { Timing } from './rules/age.ts';
import { updatedFields } from './rules/stored-head.ts';
import { isSameByHead } from './rules/validation.ts';
import { keyedFields } from './unkeyed.ts';

/**
 * Sends a HEAD on, since what is stored is too old. What comes tells of that as well: it is fresh again with the new fields, or out of date
 * (RFC 9111 §4.3.5). It is held by us, and we let go of it.
 */
export async function askForHead(
  plan: FetchPlan,
  ports: FetchPorts,
  { asking, key, stored }: Known,
): Promise<Reply> {
  const { clock, next } = ports;
  const { exchange } = asking;
  exchange.record.cache = 'pass';
  try {
    const tells = stored.head.status === 200 && isAskedByKey(plan, asking);
    const askedAtMs = clock.epoch();
    const reply = await next(exchange);
    if (tells && reply.status === 200 && reply.code === '')
      learn(plan, { asking, key, stored, reply, timing: { askedAtMs, answeredAtMs: clock.epoch() } });
    return withStatus(reply, { ...FORWARDED, reason: 'stale' }, '');
  } finally {
    stored.release();
  }
}

/** Whether the service sees nothing that is not in the key: what it says then is for all. */
function isAskedByKey({ config }: FetchPlan, { exchange, query }: Asking): boolean {
  return exchange.targetQuery === query && keyedFields(exchange, config).size === exchange.headers.size;
}

/** What is stored for a request, and where. */
interface Known {
  readonly asking: Asking;
  readonly key: string;
  readonly stored: Fitting;
}

interface News extends Known {
  readonly reply: Reply;
  readonly timing: Timing;
}

function learn(plan: FetchPlan, { asking, key, stored, reply, timing }: News): void {
  const { head, length } = stored;
  const isSame = isSameByHead(reply.headers, head.headers, length);
  const headers = updatedFields(head.headers, reply.headers);
  const keepable = isSame ? judgeHead(plan, asking, { status: head.status, headers, timing }) : 'useless';
  const isKept = typeof keepable !== 'string' && isPlacedAt(key, asking, keepable);
  const news = isKept ? { ...keepable.head, fetchMs: head.fetchMs } : staleFrom(head, timing.answeredAtMs);
  stored.replaceHead(encodeHead(news));
}
