import { Headers } from '../../core/headers.ts';
import type { Freshness } from './rules/freshness.ts';

/** What is written in front of a stored body, as the stage works with it. */
export type CachedHead = ResponseHead | VariantsHead | PassHead;

/** A response that may be given to whoever asks with its key. */
export interface ResponseHead {
  readonly kind: 'response';
  readonly status: number;
  /** As they came, but for what belongs to a connection. Shared by all who give them out: nobody changes them. */
  readonly headers: Headers;
  readonly freshness: Freshness;
  /** When the service was asked the last time and gave it, or said that it is still the same; milliseconds since 1970. */
  readonly answeredAtMs: number;
  /** How long that took, for early refreshes. */
  readonly fetchMs: number;
}

/** By what the responses to a key vary, the newest way first: each of them is stored under a key of its own. */
export interface VariantsHead {
  readonly kind: 'variants';
  readonly ways: readonly VariantWay[];
  /** Those that a service may choose for other request fields, the newest first. */
  readonly tagged: readonly TaggedVariant[];
}

/** A variant by its entity tag, and where it lies. */
export interface TaggedVariant {
  readonly tag: string;
  readonly key: string;
}

/** A way in which responses to one key differ. */
export interface VariantWay {
  /** Request fields in lower case, sorted. */
  readonly names: readonly string[];
  readonly whose: 'everybody' | 'caller';
}

/** What was asked for here is not to be stored: nobody waits for the answer that another one gets (hit-for-miss). */
export interface PassHead {
  readonly kind: 'pass';
  /** Milliseconds since 1970. */
  readonly untilMs: number;
}

const SOURCES = ['s-maxage', 'max-age', 'expires', 'status', 'default', 'heuristic', 'none'] as const;
const VALIDATIONS = ['always', 'when-stale', 'usual'] as const;
const LINE = '\r\n';

/** A head as text. Values of fields have no line breaks, so a line is a field. */
export function encodeHead(head: CachedHead): string {
  switch (head.kind) {
    case 'response':
      return encodeResponse(head);
    case 'variants':
      return ['V', ...head.ways.map(encodeWay), ...head.tagged.map(encodeTagged)].join(LINE);
    case 'pass':
      return `P ${head.untilMs}`;
    default:
      return head satisfies never;
  }
}

/** The head that a text says. It was written by us, maybe by another release: what makes no sense is a pass that is over. */
export function decodeHead(text: string): CachedHead {
  const [first = '', ...lines] = text.split(LINE);
  if (first.startsWith('R ')) return decodeResponse(first, lines) ?? OVER;
  if (first === 'V') return decodeVariants(lines);
  const untilMs = Number(first.slice(2));
  return first.startsWith('P ') && Number.isFinite(untilMs) ? { kind: 'pass', untilMs } : OVER;
}

const OVER: PassHead = { kind: 'pass', untilMs: 0 };

function encodeResponse({ status, headers, freshness, answeredAtMs, fetchMs }: ResponseHead): string {
  const { bornAtMs, lifetimeMs, source, validation, staleWhileRevalidateMs, staleIfErrorMs } = freshness;
  const numbers = [
    status,
    Math.round(bornAtMs),
    lifetimeMs,
    SOURCES.indexOf(source),
    VALIDATIONS.indexOf(validation),
    staleWhileRevalidateMs,
    staleIfErrorMs,
    Math.round(answeredAtMs),
    Math.round(fetchMs),
  ];
  let text = `R ${numbers.join(' ')}`;
  for (const [i, { spelling }] of headers.names.entries())
    text += `${LINE}${spelling}: ${headers.values[i] ?? ''}`;
  return text;
}

function decodeResponse(first: string, lines: readonly string[]): ResponseHead | null {
  const numbers = first.slice(2).split(' ').map(Number);
  if (numbers.length !== 9 || !numbers.every(Number.isFinite)) return null;
  const [
    status = 0,
    bornAtMs = 0,
    lifetimeMs = 0,
    source = 0,
    validation = 0,
    swrMs = 0,
    sieMs = 0,
    answeredAtMs = 0,
    fetchMs = 0,
  ] = numbers;
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(': ');
    headers.append(line.slice(0, colon), line.slice(colon + 2));
  }
  // Made once here, and shared by all copies.
  headers.endToEndLines();
  const freshness: Freshness = {
    bornAtMs,
    lifetimeMs,
    source: SOURCES[source] ?? 'none',
    validation: VALIDATIONS[validation] ?? 'always',
    staleWhileRevalidateMs: swrMs,
    staleIfErrorMs: sieMs,
  };
  return { kind: 'response', status, headers, freshness, answeredAtMs, fetchMs };
}

function encodeWay({ names, whose }: VariantWay): string {
  return `${whose} ${names.join(',')}`;
}

/** Tags have no tabs, and keys no line breaks as they are here. */
function encodeTagged({ tag, key }: TaggedVariant): string {
  return `${tag}\t${key}`;
}

function decodeVariants(lines: readonly string[]): VariantsHead {
  return {
    kind: 'variants',
    ways: lines.filter((line) => !isTagged(line)).map(decodeWay),
    tagged: lines.filter(isTagged).map(decodeTagged),
  };
}

function isTagged(line: string): boolean {
  return line.startsWith('"');
}

function decodeTagged(line: string): TaggedVariant {
  const tab = line.indexOf('\t');
  return { tag: line.slice(0, tab), key: line.slice(tab + 1) };
}

function decodeWay(line: string): VariantWay {
  const space = line.indexOf(' ');
  const names = line.slice(space + 1);
  return {
    whose: line.startsWith('caller ') ? 'caller' : 'everybody',
    names: names === '' ? [] : names.split(','),
  };
}
