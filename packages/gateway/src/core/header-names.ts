/** The field must not be forwarded: it is about one connection (RFC 9110 §7.6.1). */
export const HOP_BY_HOP = 1;
/** The field may appear once; a second one is refused. */
export const SINGLETON = 2;
/** The parser acts on it: framing, routing, persistence. */
export const FRAMING = 4;
/** Only a proxy that we trust may set it (RFC 7239 and its forerunners). */
export const FORWARDING = 8;
/** Must not appear in a trailer section (RFC 9110 §6.5.1). */
export const NOT_IN_TRAILER = 16;
/** `Connection: name` cannot make us drop it: that would be a way to strip security fields. */
export const END_TO_END = 32;

/** We write it ourselves in both directions. */
export const OURS = 64;

/**
 * It has an underscore, or another mark in place of a dash of a field that means something here: a CGI-like server, which makes
 * names of variables from them, could take it for another spelling of the dashed name.
 */
export const UNDERSCORED = 128;

/** A caller says in it how long it waits. */
export const CALLER_DEADLINE = 256;

/** A gateway says in it that the message went through it. */
export const PASSED = 512;

/** It tells of the trace that a request belongs to. */
export const TRACING = 1024;

/** It says when the message was made. */
export const DATED = 2048;

/**
 * Fields that no message takes along as they are: about one connection, framing, or only for us to write. In a request the
 * `FORWARDING` fields of a client are spoofing; in a response they would mean nothing.
 */
export const NOT_FORWARDED = HOP_BY_HOP | FRAMING | FORWARDING | OURS;

/** A header field name as it was spelled, met once and remembered. */
export interface HeaderName {
  readonly lower: string;
  readonly spelling: string;
  /** Spelling, colon and space: the start of a field line. */
  readonly line: string;
  /** Bits of the constants above. */
  readonly flags: number;
}

const FLAGS = new Map<string, number>([
  ['host', SINGLETON | FRAMING | NOT_IN_TRAILER | END_TO_END],
  ['content-length', SINGLETON | FRAMING | NOT_IN_TRAILER | END_TO_END],
  ['transfer-encoding', HOP_BY_HOP | FRAMING | NOT_IN_TRAILER],
  ['connection', HOP_BY_HOP | FRAMING | NOT_IN_TRAILER],
  ['expect', HOP_BY_HOP | FRAMING | NOT_IN_TRAILER],
  ['upgrade', HOP_BY_HOP | FRAMING | NOT_IN_TRAILER],
  ['keep-alive', HOP_BY_HOP | FRAMING | NOT_IN_TRAILER],
  ['te', HOP_BY_HOP | NOT_IN_TRAILER],
  ['trailer', NOT_IN_TRAILER],
  ['proxy-connection', HOP_BY_HOP | NOT_IN_TRAILER],
  ['proxy-authenticate', HOP_BY_HOP | NOT_IN_TRAILER],
  ['proxy-authorization', HOP_BY_HOP | NOT_IN_TRAILER],
  ['http2-settings', HOP_BY_HOP | NOT_IN_TRAILER],
  ['authorization', SINGLETON | NOT_IN_TRAILER | END_TO_END],
  ['content-type', SINGLETON | NOT_IN_TRAILER | END_TO_END],
  ['content-encoding', NOT_IN_TRAILER | END_TO_END],
  ['content-range', NOT_IN_TRAILER | END_TO_END],
  ['content-language', NOT_IN_TRAILER | END_TO_END],
  ['content-location', NOT_IN_TRAILER | END_TO_END],
  ['content-disposition', NOT_IN_TRAILER | END_TO_END],
  ['cookie', NOT_IN_TRAILER | END_TO_END],
  ['set-cookie', NOT_IN_TRAILER | END_TO_END],
  ['cache-control', NOT_IN_TRAILER | END_TO_END],
  ['via', PASSED | NOT_IN_TRAILER | END_TO_END],
  ['x-request-id', OURS | NOT_IN_TRAILER | END_TO_END],
  ['client-cert', OURS | NOT_IN_TRAILER | END_TO_END],
  ['client-cert-chain', OURS | NOT_IN_TRAILER | END_TO_END],
  ['x-turnpike-mirror', OURS | NOT_IN_TRAILER | END_TO_END],
  ['x-gateway-attempt', OURS | NOT_IN_TRAILER | END_TO_END],
  ['grpc-timeout', CALLER_DEADLINE | OURS | NOT_IN_TRAILER | END_TO_END],
  ['connect-timeout-ms', CALLER_DEADLINE | OURS | NOT_IN_TRAILER | END_TO_END],
  ['forwarded', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-forwarded-for', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-forwarded-proto', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-forwarded-host', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-forwarded-port', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-forwarded-prefix', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-forwarded-server', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-forwarded-scheme', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-real-ip', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-host', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-original-url', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['x-rewrite-url', FORWARDING | NOT_IN_TRAILER | END_TO_END],
  ['traceparent', TRACING],
  ['tracestate', TRACING],
  ['baggage', TRACING],
  ['max-forwards', NOT_IN_TRAILER],
  ['range', NOT_IN_TRAILER],
  ['if-match', NOT_IN_TRAILER],
  ['if-none-match', NOT_IN_TRAILER],
  ['if-modified-since', NOT_IN_TRAILER],
  ['if-unmodified-since', NOT_IN_TRAILER],
  ['if-range', NOT_IN_TRAILER],
  ['age', NOT_IN_TRAILER],
  ['date', DATED | NOT_IN_TRAILER],
  ['expires', NOT_IN_TRAILER],
  ['location', NOT_IN_TRAILER],
  ['retry-after', NOT_IN_TRAILER],
  ['vary', NOT_IN_TRAILER],
  ['www-authenticate', NOT_IN_TRAILER],
  ['pragma', NOT_IN_TRAILER],
  ['x-api-key', NOT_IN_TRAILER],
  ['x-http-method-override', NOT_IN_TRAILER],
  ['dpop', SINGLETON | NOT_IN_TRAILER],
]);

/**
 * The same text as the string that the engine keeps for literals and keys of objects: two of those are compared by their
 * addresses, and names are compared for every lookup. It also drops the head that the spelling was cut from.
 */
function interned(text: string): string {
  return Object.keys({ [text]: 0 })[0] ?? text;
}

/** Spellings remembered at most; clients choose names, so it has to be bounded. */
const MAX_REMEMBERED = 2048;
const MAX_REMEMBERED_LENGTH = 64;
const remembered = new Map<string, HeaderName>();

/** The name for a spelling that is already known to be a token (RFC 9110 §5.1). */
export function headerName(spelling: string): HeaderName {
  const known = remembered.get(spelling);
  if (known !== undefined) return known;
  const lower = interned(spelling.toLowerCase());
  const own = interned(spelling);
  const flags = isOtherSpelling(lower) ? UNDERSCORED : flagsOf(lower);
  const name = { lower, spelling: own, line: `${own}: `, flags };
  if (remembered.size < MAX_REMEMBERED && spelling.length <= MAX_REMEMBERED_LENGTH)
    remembered.set(name.spelling, name);
  return name;
}

/** Whatever is called like what we tell of callers is for nobody else to say, also if we never say it. */
const ABOUT_CALLERS = 'x-identity-';

function flagsOf(lower: string): number {
  return lower.startsWith(ABOUT_CALLERS) ? OURS | NOT_IN_TRAILER | END_TO_END : (FLAGS.get(lower) ?? 0);
}

/** Some such servers put an underscore for a dash only, others for all that is neither letter nor digit. */
function isOtherSpelling(lower: string): boolean {
  if (lower.includes('_')) return true;
  const dashed = lower.replaceAll(/[^a-z0-9]/g, '-');
  return dashed !== lower && flagsOf(dashed) !== 0;
}

/**
 * A name for fields that we write ourselves and that go on. What a client sends under the same name keeps its flags and
 * stays here, because these names are never among the remembered ones.
 */
export function ownHeaderName(spelling: string): HeaderName {
  return { lower: interned(spelling.toLowerCase()), spelling, line: `${spelling}: `, flags: 0 };
}
