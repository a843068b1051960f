import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FieldMemo } from './field-memo.ts';
import { RequestHead } from './request-head.ts';

const LIMITS = { headerBytes: 32_768, headerCount: 100, targetBytes: 8192 };

/** Reads a head as connections do; what lies behind it in the buffer is of something else. */
function parse(head: RequestHead, text: string): string | null {
  const bytes = Buffer.from(`${text}GET / HTTP/1.1\r\nHost: other.test\r\n\r\n`, 'latin1');
  const end = head.recognise(bytes, 0, text.length, LIMITS);
  if (end === -1) return head.parse(bytes, 0, text.length, LIMITS);
  assert.equal(end, text.length);
  return head.check();
}

function withMemo(): RequestHead {
  const head = new RequestHead();
  head.memo = new FieldMemo();
  return head;
}

describe('the memo of the last fields', () => {
  it('gives the same fields and framing as reading them, with another request line', () => {
    const head = withMemo();
    const fields = 'Host: a.test\r\nX-One: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\n';
    assert.equal(parse(head, `POST /first HTTP/1.1\r\n${fields}`), null);
    const read = {
      names: head.headers.names,
      values: head.headers.values,
      lines: head.headers.endToEndLines(),
    };
    assert.equal(parse(head, `PUT /second?q HTTP/1.1\r\n${fields}`), null);
    assert.equal(head.method, 'PUT');
    assert.equal(head.path, '/second');
    assert.equal(head.host, 'a.test');
    assert.equal(head.framing.requestLength, 5);
    assert.equal(head.framing.close, true);
    assert.deepEqual(head.headers.names, read.names);
    assert.deepEqual(head.headers.values, read.values);
    assert.equal(head.headers.endToEndLines(), read.lines);
  });

  it('is not taken in by a section that differs in one byte, or is longer', () => {
    const head = withMemo();
    assert.equal(parse(head, 'GET / HTTP/1.1\r\nHost: a.test\r\nX: 1\r\n\r\n'), null);
    assert.equal(parse(head, 'GET / HTTP/1.1\r\nHost: a.test\r\nX: 2\r\n\r\n'), null);
    assert.equal(head.headers.get('x'), '2');
    assert.equal(parse(head, 'GET / HTTP/1.1\r\nHost: a.test\r\nX: 2\r\nY: 3\r\n\r\n'), null);
    assert.equal(head.headers.get('y'), '3');
    assert.equal(parse(head, 'GET / HTTP/1.1\r\nHost: b.test\r\nX: 2\r\nY: 3\r\n\r\n'), null);
    assert.equal(head.host, 'b.test');
  });

  it('recognises a head only when all of it is there, whatever lies in the buffer behind that', () => {
    const head = withMemo();
    const fields = 'Host: a.test\r\nX: 1\r\n\r\n';
    assert.equal(parse(head, `GET / HTTP/1.1\r\n${fields}`), null);
    const bytes = Buffer.from(`GET /longer HTTP/1.1\r\n${fields}`, 'latin1');
    for (let to = 0; to < bytes.length; to++) assert.equal(head.recognise(bytes, 0, to, LIMITS), -1);
    assert.equal(head.recognise(bytes, 0, bytes.length, LIMITS), bytes.length);
    assert.equal(head.path, '/longer');
    const headerBytes = bytes.length - 1;
    assert.equal(head.recognise(bytes, 0, bytes.length, { ...LIMITS, headerBytes }), -1);
    for (const line of ['GET  / HTTP/1.1', 'GET / HTTP/1.1\r\n', 'GET / HTTP/2.0', 'GET /\0 HTTP/1.1']) {
      const other = Buffer.from(`${line}\r\n${fields}`, 'latin1');
      assert.equal(head.recognise(other, 0, other.length, LIMITS), -1, line);
    }
  });

  it('checks again what depends on the request line', () => {
    const head = withMemo();
    const fields = 'Host: a.test\r\nContent-Length: 5\r\n\r\n';
    assert.equal(parse(head, `POST / HTTP/1.1\r\n${fields}`), null);
    assert.equal(parse(head, `GET / HTTP/1.1\r\n${fields}`), 'BODY_NOT_ALLOWED');
    const chunked = 'Host: a.test\r\nTransfer-Encoding: chunked\r\n\r\n';
    assert.equal(parse(head, `POST / HTTP/1.1\r\n${chunked}`), null);
    assert.equal(parse(head, `POST / HTTP/1.0\r\n${chunked}`), 'BAD_REQUEST');
    assert.equal(parse(head, `POST http://b.test/ HTTP/1.1\r\n${fields}`), 'BAD_HOST');
  });

  it('keeps nothing of a section that was refused', () => {
    const head = withMemo();
    for (let i = 0; i < 3; i++) {
      assert.equal(parse(head, 'GET / HTTP/1.1\r\nHost: a.test\r\nX : 1\r\n\r\n'), 'BAD_REQUEST');
    }
  });

  it('gives each head fields of its own: a change to one shows in no other', () => {
    const head = withMemo();
    const text = 'GET / HTTP/1.1\r\nHost: a.test\r\nX: 1\r\nKeep-Alive: 5\r\n\r\n';
    parse(head, text);
    const first = head.headers;
    parse(head, text);
    const second = head.headers;
    second.set('X', '2').append('Z', '3');
    second.delete('keep-alive');
    first.append('Q', '4');
    parse(head, text);
    assert.equal(first.get('x'), '1');
    assert.equal(second.get('x'), '2');
    assert.deepEqual(head.headers.values, ['a.test', '1', '5']);
    assert.equal(head.headers.endToEndLines(), 'X: 1\r\n');
  });

  it('gives up on a connection whose fields differ each time', () => {
    const memo = new FieldMemo();
    const head = new RequestHead();
    head.memo = memo;
    for (let i = 0; i < 10; i++) parse(head, `GET / HTTP/1.1\r\nHost: a.test\r\nX: ${i}\r\n\r\n`);
    const fields = Buffer.from('Host: a.test\r\nX: 9\r\n\r\n');
    assert.equal(memo.endOf(fields, 0, fields.length), -1);
    assert.equal(memo.isEmpty, true);
  });
});
