import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { eventually, manualClock, testAuthority, within } from '@turnpike/testkit';
import type { HandshakeResult } from '../../src/core/handshake.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { TlsConnection } from '../../src/wire/tls/tls-connection.ts';
import { TlsTerminator } from '../../src/wire/tls/tls-terminator.ts';

/** A client that has connected, and what becomes of its handshake; time passes when the test says so. */
async function begun(t: TestContext) {
  const { cert, key } = testAuthority().issue({ names: ['a.test'] });
  const certificates = [{ kind: 'here', certificate: cert, key }] as const;
  const settings = {
    listener: 'web',
    certificates,
    http2: true,
    minVersion: 'TLSv1.2',
    clientCertificates: null,
    answersChallenges: false,
  } as const;
  const clock = manualClock();
  const wheel = new TimingWheel(() => clock.now());
  const results: HandshakeResult[] = [];
  const server = createServer((raw) => {
    const connection = new TlsConnection(raw, {
      terminator: new TlsTerminator(settings, null),
      wheel,
      log: { error: () => assert.fail('nothing is to be logged') },
      ended: (result) => results.push(result),
      serve: () => assert.fail('nothing is to be served'),
    });
    raw.on('error', () => {}).on('close', () => connection.closed());
    server.emit('begun');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const isBegun = once(server, 'begun');
  const client: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.on('error', () => {}).resume();
  t.after(() => {
    client.destroy();
    server.close();
  });
  await within(isBegun, 'a connection');
  const pass = (ms: number): void => {
    clock.advance(ms);
    wheel.advance();
  };
  return { client, results, pass };
}

/** The beginning of a ClientHello that says it is very long. */
const HELLO = Buffer.from('160301400001003ffc0303', 'hex');

describe('a handshake', () => {
  it('that never ends is over after ten seconds, however busily the client sends', async (t) => {
    const { client, results, pass } = await begun(t);
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.write(HELLO);
    for (let second = 0; second < 9; second++) {
      client.write('\0');
      pass(1000);
    }
    assert.deepEqual(results, []);
    pass(1500);
    await within(closed, 'the end of the connection');
    assert.deepEqual(results, ['timeout']);
  });

  it('that the client breaks off is counted once', async (t) => {
    const { client, results } = await begun(t);
    client.end(HELLO);
    await eventually(() => results.length > 0, 'a result');
    assert.deepEqual(results, ['closed']);
  });

  it('with more bytes than a handshake has is refused', async (t) => {
    const { client, results } = await begun(t);
    const closed = new Promise((resolve) => client.once('close', resolve));
    // A ClientHello of 16 MB, in records of 16 KB.
    client.write(Buffer.from('160301400001ffffff0303', 'hex'));
    client.write(Buffer.alloc(0x4000 - 6));
    for (let count = 0; count < 20; count++) {
      client.write(Buffer.from('1603014000', 'hex'));
      client.write(Buffer.alloc(0x4000));
    }
    await within(closed, 'the end of the connection');
    assert.deepEqual(results, ['protocol']);
  });
});
