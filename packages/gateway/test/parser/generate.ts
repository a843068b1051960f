import type { Random } from '../../src/core/random.ts';
import { SMUGGLING_CORPUS } from './smuggling-corpus.ts';

const METHODS =
  'GET GET GET HEAD POST POST POST PUT PATCH DELETE OPTIONS QUERY M-SEARCH PROPFIND get FOO CONNECT TRACE'.split(
    ' ',
  );
const TARGETS = [
  '/', '/', '/a', '/a/b?c=d', '/%61', '/a//b/../c', '/?', '/a?x=[]{}|"', "/;v=1,'()!$&*+=:@~", '/|{}`^"<>', '/caf%C3%A9', '*',
  'http://a.example/x', 'http://a.example', 'http://b.example/', 'https://A.EXAMPLE?q', '/a#b', '/\\', 'a', '//', '/%00', `/${'a'.repeat(300)}`,
]; // prettier-ignore
const VERSIONS =
  'HTTP/1.1 HTTP/1.1 HTTP/1.1 HTTP/1.1 HTTP/1.1 HTTP/1.1 HTTP/1.0 HTTP/1.2 HTTP/2.0 http/1.1'.split(' ');
const HOSTS = [
  'a.example',
  'a.example',
  'a.example',
  'a.example:8080',
  '[::1]',
  'A.Example',
  '',
  'a b',
  'a,b',
];
const NAMES = [
  'Accept', 'X', 'x-y', 'Cookie', 'Content-Type', 'Authorization', 'Via', 'X_Y', 'Content_Length', 'TE', 'Trailer', 'Date', "!#$%&'*+-.^`|~9",
  'Transfer-Encodin', 'Content-Lengthx', 'Connectio', 'Upgrad', 'Hos', 'Set-Cookie', 'Proxy-Connection', 'Keep-Alive', 'Content-Encoding',
]; // prettier-ignore
const VALUES = [
  '',
  'a',
  'a, b',
  'a b\tc',
  '"q\\"',
  '\x80\xff\xa0',
  ':',
  'chunked',
  'close',
  '5',
  'gzip',
  'x'.repeat(500),
  'trailers',
  'a;q=1',
];
const CONNECTIONS = [
  'close', 'keep-alive', 'Close', 'Keep-Alive', 'close, keep-alive', 'x, close', 'upgrade', 'Upgrade, x', 'x', '', ',', 'Content-Length', 'closed',
  'clos', 'close\xa0', '\xa0close', 'close;', 'keep-alivex', 'keep-alive, upgrade', ',close', 'close,', 'x,keep-alive', ' close ', 'close x', 'a,,b',
]; // prettier-ignore
const CODINGS = [
  'chunked', 'chunked', 'chunked', 'Chunked', 'CHUNKED', ' chunked ', 'xchunked', 'chunked, identity', 'identity', 'gzip', 'gzip, chunked', '\tchunked',
  'chunked\t', 'chunked;a', ',chunked', 'chunked,', '\x0bchunked', '',
]; // prettier-ignore
const BLANKS = [...Array.from({ length: 12 }, () => ' '), '', '  ', '\t', ' \t '];
const BLANKS_AFTER = [...Array.from({ length: 16 }, () => ''), ' ', '\t', ' \t'];
const SPECIAL = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\x0b',
  '\x7f',
  '\x80',
  '\xff',
  '0',
  '5',
  '_',
  '\r\n\r\n',
  '\r\n ',
  '-',
  'x',
];
const EXPECTS = ['100-continue', '100-Continue', '100-continue', 'x', '', '100-continue, x'];
const STATUSES = '200 200 200 200 200 404 500 206 205 204 304 100 103 101 599 099 600 20 2000 +20'.split(' ');
const REASONS = [' OK', ' OK', ' OK', ' ', '', ' Not Found', ' \x80\xff', ' a\tb', 'OK', '  x'];

/** What comes from a seed: a connection of one to three requests, nearly valid, bent in zero to three places. */
export function requestBytes(random: Random): Buffer {
  if (random.below(8) === 0) {
    const { bytes } = pick(random, SMUGGLING_CORPUS);
    return mutated(random, bytes.toString('latin1'));
  }
  const count = 1 + random.below(3);
  const text = Array.from({ length: count }, () => request(random)).join(
    random.below(12) === 0 ? '\r\n' : '',
  );
  return random.below(2) === 0 ? Buffer.from(text, 'latin1') : mutated(random, text);
}

/** The answer to one request: maybe interim responses, then one, and sometimes something after it. */
export function responseBytes(random: Random): Buffer {
  let text = '';
  while (random.below(6) === 0) text += response(random, pick(random, ['100', '102', '103']));
  text += response(random, pick(random, STATUSES));
  if (random.below(10) === 0) text += pick(random, ['\r\n', 'HTTP/1.1 200 OK\r\n\r\n', '0\r\n\r\n', 'x']);
  return random.below(2) === 0 ? Buffer.from(text, 'latin1') : mutated(random, text);
}

function request(random: Random): string {
  const method = pick(random, METHODS);
  const isBare = (method === 'GET' || method === 'HEAD') && random.below(10) > 0;
  const { lines, body } = isBare ? { lines: [], body: '' } : framed(random);
  if (random.below(25) > 0) lines.push(`Host:${pick(random, BLANKS)}${rarely(random, HOSTS)}`);
  if (random.below(15) === 0) lines.push(`Expect: ${pick(random, EXPECTS)}`);
  const start = `${method} ${rarely(random, TARGETS)} ${rarely(random, VERSIONS)}\r\n`;
  return `${start}${fieldLines(random, lines)}\r\n${body}`;
}

function response(random: Random, status: string): string {
  const { lines, body } = framed(random);
  const isBare = status.startsWith('1') || status === '204' || status === '304';
  const start = `${rarely(random, VERSIONS)} ${status}${rarely(random, REASONS)}\r\n`;
  return `${start}${fieldLines(random, lines)}\r\n${isBare && random.below(4) > 0 ? '' : body}`;
}

function fieldLines(random: Random, lines: string[]): string {
  const others = Array.from({ length: random.below(4) }, () => {
    return `${pick(random, NAMES)}:${pick(random, BLANKS)}${pick(random, VALUES)}${pick(random, BLANKS_AFTER)}`;
  });
  if (random.below(4) === 0) others.push(`Connection: ${pick(random, CONNECTIONS)}`);
  if (random.below(12) === 0) others.push(`Upgrade: ${pick(random, ['websocket', 'h2c', 'x'])}`);
  if (random.below(30) === 0) others.push(pick(random, [...lines, 'X: y']));
  const all = shuffled(random, [...lines, ...others]);
  return all.map((line) => `${line}\r\n`).join('');
}

/** A body and the fields that frame it, mostly in agreement. */
function framed(random: Random): { readonly lines: string[]; readonly body: string } {
  const kind = random.below(12);
  const data = pick(random, [
    '',
    'a',
    'abcde',
    '0\r\n\r\n',
    'GET /x HTTP/1.1\r\nHost: a\r\n\r\n',
    '\0\xff\r\n',
    'z'.repeat(200),
  ]);
  if (kind < 3) return { lines: [], body: '' };
  const before = pick(random, BLANKS);
  const after = pick(random, BLANKS_AFTER);
  if (kind < 6) return { lines: [`Content-Length:${before}${data.length}${after}`], body: data };
  if (kind < 10)
    return { lines: [`Transfer-Encoding:${before}${rarely(random, CODINGS)}${after}`], body: chunks(random) };
  if (kind === 10) return { lines: [`Content-Length: ${random.below(8)}`], body: data };
  const coding = `Transfer-Encoding: ${pick(random, CODINGS)}`;
  const lines = pick(random, [
    [`Content-Length: ${data.length}`, coding],
    [`Content-Length: ${data.length}`, `Content-Length: ${data.length}`],
    [coding, 'Transfer-Encoding: chunked'],
    [],
  ]);
  return { lines: [...lines], body: random.below(2) === 0 ? data : chunks(random) };
}

function chunks(random: Random): string {
  let text = '';
  for (let left = random.below(4); left > 0; left--) {
    const data = pick(random, ['a', 'abcde', '\r\n', '0\r\n\r\n', 'q'.repeat(26), '\0\xff']);
    const size = `${pick(random, ['', '', '', '0', '0000'])}${data.length.toString(16)}`;
    const extension =
      random.below(15) === 0
        ? pick(random, [';', ';a', ';a=b', ';a="b;";c', ';a="\\""', ' ', '\t', ';a="\r\n"'])
        : '';
    text += `${random.below(2) === 0 ? size : size.toUpperCase()}${extension}\r\n${data}\r\n`;
  }
  text += pick(random, ['0', '0', '0', '00', '00000000', '000000000', '0;a']);
  const trailer =
    random.below(5) === 0
      ? pick(random, ['X: y\r\n', 'Y:\tz \r\nX_Y: a\r\n', 'Cookie: a\r\n', 'Content-Length: 5\r\n'])
      : '';
  return `${text}\r\n${trailer}\r\n`;
}

function mutated(random: Random, start: string): Buffer {
  let text = start;
  for (let left = random.below(4); left > 0; left--) text = bent(random, text);
  return Buffer.from(text, 'latin1');
}

function bent(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const before = text.slice(0, at);
  switch (random.below(7)) {
    case 0:
      return before + pick(random, SPECIAL) + text.slice(at);
    case 1:
      return before + pick(random, SPECIAL) + text.slice(at + 1);
    case 2:
      return before + text.slice(at + 1 + random.below(2));
    case 3: {
      const code = (text.charCodeAt(at) || 0) ^ (1 << random.below(8));
      return before + String.fromCharCode(code) + text.slice(at + 1);
    }
    case 4: {
      const lines = text.split('\r\n');
      const line = random.below(lines.length);
      return lines.toSpliced(random.below(lines.length + 1), 0, lines[line] ?? '').join('\r\n');
    }
    case 5: {
      const lines = text.split('\r\n');
      return lines.toSpliced(random.below(lines.length), 1).join('\r\n');
    }
    default: {
      // Where it hurts most: beside a colon or a line end.
      const places = [...text.matchAll(/[:\r\n]/g)].map(({ index }) => index + random.below(2));
      const place = places.length === 0 ? at : pick(random, places);
      return text.slice(0, place) + pick(random, SPECIAL) + text.slice(place);
    }
  }
}

/** Mostly the first, which is what keeps a message valid. */
function rarely(random: Random, items: readonly string[]): string {
  return random.below(8) > 0 ? (items[0] ?? '') : pick(random, items);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function shuffled(random: Random, items: readonly string[]): string[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)[0] ?? '');
}
