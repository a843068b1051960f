import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkRequest } from './check-request.ts';
import { readCheckResponse } from './check-response.ts';
import { grpcVerdict } from './grpc-verdict.ts';
import { MessageWriter } from './message-fields.ts';
import type { Question } from './question.ts';
import type { Verdict } from './verdict.ts';

// The bytes below were written by hand from the numbers of the fields: (number << 3 | type), length, contents.

const QUESTION: Question = {
  id: 'i',
  askedAtMs: 1500,
  method: 'GET',
  scheme: 'https',
  authority: 'h',
  target: '/p',
  version: '1.1',
  client: '1.2.3.4',
  caller: 'p:u',
  port: 443,
  route: 'r',
  headers: [['a', 'b']],
};

/** Hex digits, with texts in quotes, as bytes. */
function bytes(text: string): Buffer {
  const parts = text
    .split('"')
    .map((part, i) => (i % 2 === 1 ? Buffer.from(part) : Buffer.from(part.replaceAll(/\s/g, ''), 'hex')));
  return Buffer.concat(parts);
}

const REQUEST = bytes(`
  0a 5f
    0a 12 0a 0b 0a 09 12 07 "1.2.3.4" 3a 03 "p:u"
    12 07 0a 05 0a 03 18 bb03
    22 34
      0a 08 08 01 10 80cab5ee01
      12 28
        0a 01 "i" 12 03 "GET"
        1a 06 0a 01 "a" 12 01 "b"
        22 02 "/p" 2a 01 "h" 32 05 "https" 52 08 "HTTP/1.1"
    52 0a 0a 05 "route" 12 01 "r"`);

const DENIED = bytes(`
  0a 02 08 07
  12 13
    0a 03 08 9103
    12 08 0a 06 0a 01 "x" 12 01 "y"
    1a 02 "no"`);

const ALLOWED = bytes(`
  0a 00
  79 0000000000000000
  1a 1b
    12 0c 0a 06 0a 01 "x" 12 01 "y" 12 02 08 01
    2a 01 "z"
    32 08 0a 06 0a 01 "k" 1a 01 "v"
  22 02 ffff`);

describe('the messages of a check', () => {
  it('has a request of these bytes', () => {
    assert.equal(Buffer.from(checkRequest(QUESTION)).toString('hex'), REQUEST.toString('hex'));
  });

  it('reads a denial from these bytes', () => {
    const { code, denied } = readCheckResponse(DENIED);
    assert.equal(code, 7);
    assert.deepEqual(denied, {
      status: 401,
      headers: [{ name: 'x', value: 'y', isAppended: false }],
      body: 'no',
    });
  });

  it('reads an allowance from these bytes, and skips what it does not know', () => {
    const { code, ok } = readCheckResponse(ALLOWED);
    assert.equal(code, 0);
    assert.deepEqual(ok, {
      headers: [{ name: 'x', value: 'y', isAppended: true }],
      headersToRemove: ['z'],
      responseHeadersToAdd: [{ name: 'k', value: 'v', isAppended: false }],
    });
  });

  it('takes an empty message for an allowance, as the contract has it', () => {
    assert.equal(readCheckResponse(new Uint8Array()).code, 0);
  });

  it('sends the text that the bytes of a header are', () => {
    const value = Buffer.from('ü€').toString('latin1');
    const message = Buffer.from(checkRequest({ ...QUESTION, headers: [['a', value]] }));
    assert.ok(message.includes(Buffer.from('ü€')));
  });
});

/** A response: its code, and what is in the answer that goes with it. */
function response(code: number, write: (writer: MessageWriter) => void): Uint8Array {
  const writer = new MessageWriter();
  writer.message(1, () => writer.number(1, code));
  writer.message(code === 0 ? 3 : 2, () => write(writer));
  return writer.finish();
}

function header(writer: MessageWriter, field: number, [name, value]: readonly [string, string]): void {
  writer.message(field, () => writer.entry(1, name, value));
}

function denial(write: (writer: MessageWriter) => void): Verdict {
  return grpcVerdict(response(7, write), Infinity);
}

describe('the verdict of a gRPC answer', () => {
  it('is a denial with 403 unless it has a status that refuses', () => {
    for (const [status, expected] of [
      [0, 403],
      [200, 403],
      [101, 403],
      [600, 403],
      [302, 302],
      [401, 401],
      [429, 429],
      [503, 503],
    ] as const) {
      const verdict = denial((writer) => writer.message(1, () => writer.number(1, status)));
      assert.ok(verdict.kind === 'denied');
      assert.equal(verdict.status, expected);
    }
  });

  it('has the body as bytes, and none that is too large', () => {
    const verdict = denial((writer) => writer.text(3, 'nö'));
    assert.ok(verdict.kind === 'denied');
    assert.equal(Buffer.from(verdict.body, 'latin1').toString(), 'nö');
    const large = denial((writer) => writer.text(3, 'x'.repeat(65_537)));
    assert.ok(large.kind === 'denied');
    assert.equal(large.body, '');
  });

  it('leaves out headers that are none', () => {
    const verdict = denial((writer) => {
      header(writer, 2, ['X-Fine', ' ü ']);
      header(writer, 2, ['x bad', 'a']);
      header(writer, 2, [':status', '200']);
      header(writer, 2, ['x-split', 'a\r\nset-cookie: b']);
      header(writer, 2, ['', 'a']);
    });
    assert.ok(verdict.kind === 'denied');
    assert.deepEqual(verdict.headers, [['x-fine', Buffer.from('ü').toString('latin1')]]);
  });

  it('is no decision when it cannot be read', () => {
    for (const broken of ['0aff', '0a05 08', 'ffffffffffffffffffffff', '08', '0b']) {
      assert.equal(grpcVerdict(bytes(broken), Infinity).kind, 'failed', broken);
    }
  });

  it('tells apart what comes in place of a header, beside it, and what must go', () => {
    const verdict = grpcVerdict(
      response(0, (writer) => {
        header(writer, 2, ['X-User', 'alice']);
        writer.message(2, () => {
          writer.entry(1, 'x-group', 'a');
          writer.message(2, () => writer.number(1, 1));
        });
        writer.text(5, 'Authorization');
        header(writer, 6, ['X-Seen', 'yes']);
      }),
      5000,
    );
    assert.deepEqual(verdict, {
      kind: 'allowed',
      upstream: [['x-user', 'alice']],
      added: [['x-group', 'a']],
      removed: ['authorization'],
      client: [['x-seen', 'yes']],
      freshMs: 5000,
    });
  });
});
