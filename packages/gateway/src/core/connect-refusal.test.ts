import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectForm } from './connect-refusal.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { exchangeFrom } from './exchange-testing.ts';
import { headersOf } from './headers.ts';
import { refuse } from './problem.ts';

describe('connectForm', () => {
  const version = ['Connect-Protocol-Version', '1'] as const;
  const type = (value: string) => ['Content-Type', value] as const;
  const table = [
    ['POST', '', [type('application/connect+proto')], 'application/connect+proto'],
    ['POST', '', [type('Application/Connect+JSON; charset=utf-8')], 'application/connect+json'],
    ['POST', '', [type('application/connect+xml'), version], null],
    ['POST', '', [type('application/json'), version], 'unary'],
    ['POST', '', [type('application/json')], null],
    ['GET', '?connect=v1&encoding=json', [], 'unary'],
    ['GET', '?x=connect=v1', [], null],
    ['GET', '?connect=v2', [], null],
    ['POST', '?connect=v1', [], null],
    ['GET', '', [], null],
  ] as const;
  for (const [method, query, fields, form] of table) {
    it(`is ${form} for ${method} ${query} with ${fields.join(' and ') || 'nothing'}`, () => {
      assert.equal(connectForm({ method, query, headers: headersOf(...fields) }), form);
    });
  }
});

describe('a refusal of a Connect call', () => {
  const unary = exchangeFrom({ method: 'POST', headers: headersOf(['Connect-Protocol-Version', '1']) });
  const stream = exchangeFrom({
    method: 'POST',
    headers: headersOf(['Content-Type', 'application/connect+json']),
  });

  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    it(`has the code of ${code}, as an error or at the end of a stream`, () => {
      const fields = [['Retry-After', '7']] as const;
      const reply = refuse(unary, code, { fields, detail: 'né' });
      assert.equal(reply.status, ERRORS[code].status);
      assert.equal(reply.headers.get('content-type'), 'application/json');
      assert.equal(reply.headers.get('retry-after'), '7');
      assert.ok(typeof reply.body === 'string');
      const error: { code: string; message: string } = JSON.parse(
        Buffer.from(reply.body, 'latin1').toString(),
      );
      assert.match(error.code, /^[a-z_]+$/);
      assert.equal(error.message, `${ERRORS[code].title}. né`);
      const end = refuse(stream, code, { detail: 'né' });
      assert.equal(end.status, 200);
      assert.equal(end.headers.get('content-type'), 'application/connect+json');
      assert.ok(typeof end.body === 'string');
      const bytes = Buffer.from(end.body, 'latin1');
      assert.equal(bytes[0], 2);
      assert.equal(bytes.readUInt32BE(1), bytes.length - 5);
      assert.deepEqual(JSON.parse(bytes.toString('utf8', 5)), { error });
    });
  }
});
