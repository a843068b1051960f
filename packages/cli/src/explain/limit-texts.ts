import type {
  ConcurrencyConfig,
  PoliciesConfig,
  PriorityConfig,
  RateLimitConfig,
  ServiceConcurrency,
} from '@turnpike/config';
import { limitKeyText } from '../gateway.ts';
import { bytesText, durationText } from '../output/units.ts';
import { joined, reporting } from './text-parts.ts';

/** `100/1m: 100 in 1m by ip`, for each limit of a stage; null without any. */
export function rateLimitText(
  limits: PoliciesConfig['rateLimit'],
  stage: RateLimitConfig['stage'],
): string | null {
  const texts = limits.filter((limit) => limit.stage === stage).map(limitText);
  return texts.length === 0 ? null : texts.join('; ');
}

function limitText(limit: RateLimitConfig): string {
  const { name, mode, burst, windowMs, algorithm, by, when, percent, store, whenStoreFails } = limit;
  const unit = limit.cost === null && limit.responseCost === null ? '' : ' units';
  const amount = `${limit.limit}${unit} in ${durationText(windowMs)}`;
  const parts = [
    limit.limitFrom === null ? amount : `${amount} or what ${limitFromText(limit.limitFrom)} says`,
    algorithm === 'sliding' ? 'in any such window' : burst === limit.limit ? '' : `${burst} at once`,
    `by ${limitKeyText(by)}`,
    when === null ? '' : `if ${when}`,
    limit.group === null ? '' : `in the group ${limit.group}`,
    store === 'redis' ? `in Redis (without it: ${whenStoreFails})` : '',
    percent === 100 ? '' : `for ${percent}% of the keys`,
  ];
  return `${name}: ${joined(parts, ', ')}${reporting(mode)}`;
}

function limitFromText(from: NonNullable<RateLimitConfig['limitFrom']>): string {
  return from.kind === 'plan' ? `the plan (${Object.keys(from.plans).join(', ')})` : from.rule;
}

/** `at most 20 at once by identity`. */
export function concurrencyText({ mode, limit, by }: ConcurrencyConfig): string {
  return `at most ${limit} at once by ${limitKeyText(by)}${reporting(mode)}`;
}

/** What a request may have of header fields and query parameters; null: what the listener says. */
export function headLimitText({ limitsMode, headerCount, queryCount }: PoliciesConfig): string | null {
  const parts = [
    headerCount === null ? '' : `${headerCount} header fields`,
    queryCount === null ? '' : `${queryCount} query parameters`,
  ];
  const text = joined(parts, ' or ');
  return text === '' ? null : `refuses more than ${text}${reporting(limitsMode)}`;
}

/** What a body may be inside; null: not looked at. */
export function contentLimitText({
  limitsMode,
  decompressedBytes,
  jsonDepth,
}: PoliciesConfig): string | null {
  const parts = [
    decompressedBytes === null ? '' : `bodies above ${bytesText(decompressedBytes)} when decompressed`,
    jsonDepth === null ? '' : `JSON deeper than ${jsonDepth}`,
  ];
  const text = joined(parts, ' and ');
  return text === '' ? null : `refuses ${text}${reporting(limitsMode)}`;
}

/** How large a message of a gRPC call may be; null: not looked at. */
export function messageLimitText({ limitsMode, grpcMessageBytes }: PoliciesConfig): string | null {
  if (grpcMessageBytes === null) return null;
  return `ends gRPC calls with messages above ${bytesText(grpcMessageBytes)}${reporting(limitsMode)}`;
}

/** `adaptive concurrency, priority high`; `''` for a service without limit. */
export function admissionText(
  concurrency: ServiceConcurrency,
  { level, header, plans }: PriorityConfig,
): string {
  if (concurrency.kind === 'off') return '';
  const most =
    concurrency.kind === 'fixed' ? `at most ${concurrency.limit} at once` : 'as many at once as it can take';
  const sources = [
    header === null ? '' : `the header ${header} of trusted proxies`,
    Object.keys(plans).length === 0 ? '' : 'the plan',
  ];
  const others = joined(sources, ' or ');
  return `${most}, priority ${level}${others === '' ? '' : ` unless ${others} says another`}`;
}
