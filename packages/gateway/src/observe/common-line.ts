import type { Exchange } from '../core/exchange.ts';
import {
  callerPart,
  LENGTHS,
  MAX_LINE_BYTES,
  type CallerForm,
  type LineParts,
  type WriteLine,
} from './line-parts.ts';
import { httpdTimes } from './log-time.ts';
import { roomFor, type OwnField } from './own-fields.ts';

/**
 * Lines as Apache httpd writes them in its formats `common` and `combined`: address, `-`, user, time, request line, status and
 * bytes; then, if combined, where the client came from and its user agent. Fields that users add stand at the end.
 *
 * Nothing that a client sends can end a field or a line: quotes, backslashes and all but printable ASCII are escaped as httpd does it.
 */
export function commonLines({ timeText, ownFieldsOf }: LineParts, form: 'common' | 'combined'): WriteLine {
  const httpdTime = httpdTimes(timeText);
  return (exchange, endedAtMs, sampleRate) => {
    const { record } = exchange;
    // Of what could not be read there is no request line.
    const isRead = exchange.method !== '' || exchange.path !== '';
    // prettier-ignore
    const before =
      word(exchange.client.address, LENGTHS.client) +
      ' - ' + word(exchange.identity?.subject ?? '', LENGTHS.subject) +
      ' [' + httpdTime(endedAtMs) +
      '] "' + (isRead ? httpdText(exchange.method, LENGTHS.method) + ' ' : '-');
    // prettier-ignore
    const after =
      (isRead ? ' HTTP/' + exchange.version : '') +
      '" ' + record.status +
      ' ' + (record.responseBytes === 0 ? '-' : record.responseBytes) +
      (form === 'common' ? '' : browserPart(exchange)) +
      (sampleRate === 0 ? '' : ' sampleRate=' + sampleRate) +
      (ownFieldsOf === null ? '' : ownPart(ownFieldsOf(record.route), exchange)) +
      '\n';
    const roomBytes = MAX_LINE_BYTES - before.length - after.length;
    return before + httpdText(exchange.path, Math.min(LENGTHS.path, roomBytes)) + after;
  };
}

/** The page is told without its query, which may carry secrets, as that of the request is left out. */
function browserPart(exchange: Exchange): string {
  const referrer = exchange.headers.get('referer') ?? '';
  const page = referrer === '' ? '-' : quoted(pageOf(referrer), LENGTHS.referrer);
  return ' "' + page + callerPart(exchange, AGENT);
}

const AGENT: CallerForm = {
  name: 'combined',
  write: (_, userAgent) => `" "${quoted(userAgent, LENGTHS.userAgent)}"`,
};

/** Without query, fragment and credentials. */
function pageOf(address: string): string {
  const end = address.slice(0, LENGTHS.path).search(/[?#]/);
  const page = address.slice(0, end === -1 ? LENGTHS.path : end);
  return page.replace(/^(\w{1,10}:\/\/)[^/]*@/, '$1');
}

function ownPart(fields: readonly OwnField[], exchange: Exchange): string {
  let text = '';
  for (const [index, { name, read }] of fields.entries()) {
    const value = read(exchange);
    const room = roomFor(fields, index, text.length);
    text += value === null ? ` ${name}=-` : ` ${name}="${httpdText(String(value), room)}"`;
  }
  return text;
}

function quoted(text: string, maxLength: number): string {
  return text === '' ? '-' : httpdText(text, maxLength);
}

/** A text that stands without quotes, so that a space would end it. */
function word(text: string, maxLength: number): string {
  const safe = quoted(text, maxLength);
  return safe.includes(' ') ? safe.replaceAll(' ', '\\x20') : safe;
}

/** A text as httpd writes what comes from outside (`ap_escape_logitem`), no longer than `maxLength`. */
export function httpdText(text: string, maxLength: number): string {
  if (text.length <= maxLength && !UNSAFE.test(text)) return text;
  let out = '';
  const bytes = NOT_BYTES.test(text) ? Buffer.from(text).toString('latin1') : text;
  for (let i = 0; i < bytes.length; i++) {
    const piece = escaped(bytes.charCodeAt(i));
    if (out.length + piece.length > maxLength) break;
    out += piece;
  }
  return out;
}

function escaped(byte: number): string {
  if (byte === QUOTE || byte === BACKSLASH) return `\\${String.fromCharCode(byte)}`;
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}

const UNSAFE = /[^ !#-[\]-~]/;
/** What came over the wire has a byte in each unit; what did not, such as a claim, is written in UTF-8. */
const NOT_BYTES = /[^\0-\xff]/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
