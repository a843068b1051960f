import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, fieldOf, hangUp, reply } from '@turnpike/testkit';
import { gateway, request } from '../wire/fixture.ts';

function call(path: string, type: string, body: string): string {
  return request(`POST ${path}`, [`Content-Type: ${type}`, 'TE: trailers'], body);
}

describe('errors for gRPC callers', () => {
  it('are heads with the status in a field, and the connection goes on', async (t) => {
    const { client, upstream, plane } = await gateway(t, {
      upstream: answer(reply('hi')),
      route: { match: { path: '/greeter.Greeter/*' }, policies: { limits: { bodyBytes: 10 } } },
    });
    const connection = await client();
    const table = [
      [call('/greeter.Greeter/Hello', 'application/grpc', 'x'.repeat(11)), 'application/grpc', '8'],
      [
        call('/greeter.Greeter/Hello', 'application/grpc-web+proto', 'x'.repeat(11)),
        'application/grpc-web',
        '8',
      ],
      [call('/nobody/Hello', 'application/grpc+json', 'x'), 'application/grpc', '12'],
    ] as const;
    for (const [message, type, status] of table) {
      const response = await connection.ask(message);
      assert.equal(response.status, 200);
      assert.equal(fieldOf(response, 'content-type'), type);
      assert.equal(fieldOf(response, 'grpc-status'), status);
      assert.equal(fieldOf(response, 'content-length'), '0');
    }
    upstream.script(hangUp);
    const lost = await connection.ask(call('/greeter.Greeter/Hello', 'application/grpc', 'x'));
    assert.equal(fieldOf(lost, 'grpc-status'), '14');
    assert.equal(fieldOf(lost, 'proxy-status'), 'turnpike; error=connection_terminated');
    const lines = await plane.lines(4);
    assert.deepEqual(
      lines.map(({ code }) => code),
      ['BODY_TOO_LARGE', 'BODY_TOO_LARGE', 'NO_ROUTE', 'UPSTREAM_RESET'],
    );
  });
});
