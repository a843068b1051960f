import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exchangeFrom } from './exchange-testing.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { grpcMediaType } from './grpc-refusal.ts';
import { headersOf } from './headers.ts';
import { refuse } from './problem.ts';

describe('grpcMediaType', () => {
  const table: readonly (readonly [contentType: string | undefined, type: string | null])[] = [
    [undefined, null],
    ['', null],
    ['application/grpc', 'application/grpc'],
    ['Application/gRPC', 'application/grpc'],
    ['application/grpc+proto', 'application/grpc'],
    ['application/grpc; charset=utf-8', 'application/grpc'],
    ['application/grpc ;x=y', 'application/grpc'],
    ['application/grpc-web', 'application/grpc-web'],
    ['application/grpc-web+proto', 'application/grpc-web'],
    ['application/grpc-web-text+proto', 'application/grpc-web-text'],
    ['application/grpcx', null],
    ['application/grpc-webx', null],
    ['application/json', null],
    ['text/application/grpc', null],
  ];
  for (const [contentType, type] of table) {
    it(`is ${type} for ${contentType}`, () => assert.equal(grpcMediaType(contentType), type));
  }
});

describe('a refusal of a gRPC call', () => {
  const call = exchangeFrom({ headers: headersOf(['Content-Type', 'application/grpc+proto']) });

  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    it(`has the status of ${code} in its fields, and nothing that is not printable`, () => {
      const reply = refuse(call, code, { fields: [['Retry-After', '7']] });
      const { grpcStatus, title } = ERRORS[code];
      assert.equal(reply.status, 200);
      assert.equal(reply.code, code);
      assert.equal(reply.body, null);
      assert.deepEqual(reply.headers.getList('content-type'), 'application/grpc');
      assert.equal(reply.headers.getList('grpc-status'), String(grpcStatus));
      const message = reply.headers.getList('grpc-message') ?? '';
      assert.match(message, /^[\x20-\x7e]+$/);
      assert.equal(decodeURIComponent(message), title);
      assert.equal(reply.headers.get('retry-after'), '7');
      assert.equal(reply.headers.get('grpc-retry-pushback-ms'), '7000');
    });
  }

  it('says nothing about when to come back where nobody knows', () => {
    const reply = refuse(call, 'FORBIDDEN');
    assert.equal(reply.headers.has('grpc-retry-pushback-ms'), false);
  });

  it('is a problem document for everybody else', () => {
    const reply = refuse(
      exchangeFrom({ headers: headersOf(['Content-Type', 'text/plain']) }),
      'RATE_LIMITED',
    );
    assert.equal(reply.status, 429);
    assert.equal(reply.headers.get('content-type'), 'application/problem+json');
    assert.equal(reply.headers.has('grpc-status'), false);
  });
});
