import { trimmed } from './http/blanks.ts';

/** What a caller says of the trace that its request belongs to (W3C Trace Context level 2). */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Of the span that is the parent: 16 hexadecimal digits. */
  readonly parentId: string;
  /** {@link SAMPLED}, {@link RANDOM}; what other bits mean is not known. */
  readonly flags: number;
}

/** The one who asked may have recorded it. */
export const SAMPLED = 1;
/** The right half of the trace id, at least, is random. */
export const RANDOM = 2;

/** Our member of `tracestate`. */
const OUR_KEY = 'turnpike';
const MAX_MEMBERS = 32;
const MAX_STATE = 512;
/** Longer members are the first to go (§3.3.1.5). */
const LONG_MEMBER = 128;
/** What no `tracestate` is, so that nothing is worked out for it. */
const MAX_READ = 8192;

const PARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}/;
const PARENT_LENGTH = 55;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const MEMBER =
  /^([a-z\d][a-z\d_\-*/@]{0,255})=([\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])$/;

const MAX_BAGGAGE_MEMBERS = 64;
const MAX_BAGGAGE = 8192;

/**
 * Reads `traceparent` (§3.2); null: it is malformed, and there is no trace. Of later versions the four parts that we know are
 * taken. Several fields are none, as they come joined by a comma.
 */
export function parseTraceParent(value: string): TraceParent | null {
  const { length } = value;
  if (
    !PARENT.test(value) ||
    (length > PARENT_LENGTH && (value.startsWith('00') || value[PARENT_LENGTH] !== '-'))
  )
    return null;
  const [traceId, parentId] = [value.slice(3, 35), value.slice(36, 52)];
  if (traceId === NO_TRACE || parentId === NO_SPAN || value.startsWith('ff')) return null;
  // Of the flags, we know two of the lowest four.
  return { traceId, parentId, flags: Number.parseInt(value.charAt(54), 16) & (SAMPLED | RANDOM) };
}

/** Writes `traceparent` in version 00. */
export function traceParent(traceId: string, spanId: string, flags: number): string {
  return `00-${traceId}-${spanId}-0${flags}`;
}

/**
 * The `tracestate` of a caller with our member first (§3.3). It is given up as a whole if it is malformed or has too many members;
 * if it would be too long, long members go first, and then the last ones.
 */
export function traceState(callers: string, ours: string): string {
  const own = `${OUR_KEY}=${ours}`;
  const members = callers === '' ? [] : membersOf(callers);
  if (members.length === 0) return own;
  const kept = [own, ...members.slice(0, MAX_MEMBERS - 1)];
  let length = kept.join(',').length;
  for (const isToGo of [isLong, isAny]) {
    for (let at = kept.length - 1; at > 0 && length > MAX_STATE; at--) {
      const member = kept[at] ?? '';
      if (!isToGo(member)) continue;
      kept.splice(at, 1);
      length -= member.length + 1;
    }
  }
  return kept.join(',');
}

/** The members of others in their order; none, if anything is wrong with them. */
function membersOf(text: string): string[] {
  if (text.length > MAX_READ) return [];
  const members = text
    .split(',')
    .map(trimmed)
    .filter((member) => member !== '');
  const keys = new Set(members.map((member) => MEMBER.exec(member)?.[1] ?? ''));
  if (keys.has('') || keys.size < members.length || members.length > MAX_MEMBERS) return [];
  return members.filter((member) => !member.startsWith(`${OUR_KEY}=`));
}

/** `baggage` within its bounds (W3C Baggage §3.3.2): the first members of it, at least what everybody has to pass on. */
export function boundedBaggage(value: string): string {
  const members = value.split(',', MAX_BAGGAGE_MEMBERS);
  let length = -1;
  const kept = members.findIndex((member) => (length += member.length + 1) > MAX_BAGGAGE);
  return members
    .slice(0, kept === -1 ? members.length : kept)
    .join(',')
    .trim();
}

function isLong(member: string): boolean {
  return member.length > LONG_MEMBER;
}

function isAny(): boolean {
  return true;
}
