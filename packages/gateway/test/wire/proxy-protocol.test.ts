import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answer, fieldOf, reply } from '@turnpike/testkit';
import { gateway, get, type GatewayPlan } from './fixture.ts';

const TRUSTED = {
  upstream: answer(reply('x')),
  listener: { proxyProtocol: true, trustedProxies: ['127.0.0.1'] },
} satisfies GatewayPlan;

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const V1 = 'PROXY TCP4 203.0.113.9 198.51.100.1 56324 443\r\n';
const V1_SIX = 'PROXY TCP6 2001:db8::9 2001:db8::1 56324 443\r\n';
/** 203.0.113.9 to 198.51.100.1, ports 56324 and 443, and an extension that nobody knows. */
const V2 = binary(0x21, 0x11, '\xcb\x00\x71\x09\xc6\x33\x64\x01\xdc\x04\x01\xbb\xee\x00\x02hi');
const V2_SIX = binary(
  0x21,
  0x21,
  `\x20\x01\x0d\xb8${'\0'.repeat(11)}\x09\x20\x01\x0d\xb8${'\0'.repeat(11)}\x01\xdc\x04\x01\xbb`,
);

function binary(command: number, family: number, rest: string): string {
  const length = String.fromCharCode(rest.length >> 8, rest.length & 0xff);
  return SIGNATURE + String.fromCharCode(command, family) + length + rest;
}

describe('the PROXY protocol', () => {
  const good: readonly (readonly [what: string, header: string, address: string])[] = [
    ['version 1, IPv4', V1, '203.0.113.9'],
    ['version 1, IPv6', V1_SIX, '2001:db8::9'],
    ['version 1, unknown', 'PROXY UNKNOWN\r\n', '127.0.0.1'],
    ['version 2, IPv4', V2, '203.0.113.9'],
    ['version 2, IPv6', V2_SIX, '2001:db8:0:0:0:0:0:9'],
    ['version 2, of the proxy itself', binary(0x20, 0, ''), '127.0.0.1'],
  ];
  for (const [what, header, address] of good) {
    it(`says who calls: ${what}, in one piece or byte by byte`, async (t) => {
      const { client, upstream, plane } = await gateway(t, TRUSTED);
      const whole = await client();
      assert.equal((await whole.ask(header + get(), 'GET')).status, 200);
      assert.equal((await whole.ask(get())).status, 200);
      const split = await client();
      await split.sendBytewise(header + get());
      assert.equal((await split.response()).status, 200);
      for (const talk of upstream.requests) assert.equal(fieldOf(talk, 'x-forwarded-for'), address);
      for (const line of await plane.lines(3)) assert.equal(line['client'], address);
    });
  }

  const bad: Readonly<Record<string, string>> = {
    'no header': get(),
    'another protocol': 'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n',
    'an address that is none': 'PROXY TCP4 1.2.3.400 1.2.3.4 1 2\r\n',
    'another address that is none': 'PROXY TCP4 1.2.3.4 nowhere 1 2\r\n',
    'addresses of another family': 'PROXY TCP4 ::1 ::1 1 2\r\n',
    'a port out of range': 'PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n',
    'no ports': 'PROXY TCP4 1.2.3.4 1.2.3.4\r\n',
    'too many fields': 'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n',
    'no end': `PROXY TCP4 ${'1'.repeat(120)}`,
    'another binary version': binary(0x11, 0x11, '\0'.repeat(12)),
    'another binary command': binary(0x2f, 0x11, '\0'.repeat(12)),
    'too short addresses': binary(0x21, 0x11, '\0'.repeat(4)),
    'too long a header': `${SIGNATURE}\x21\x11\xff\xff`,
  };
  for (const [what, header] of Object.entries(bad)) {
    it(`closes a connection with ${what}`, async (t) => {
      const { client, upstream } = await gateway(t, TRUSTED);
      const connection = await client();
      connection.socket.write(header + get(), 'latin1');
      await connection.closed();
      assert.equal(connection.bytesReceived, 0);
      assert.equal(upstream.requests.length, 0);
    });
  }

  it('believes no peer that is not trusted', async (t) => {
    const { client, upstream } = await gateway(t, {
      ...TRUSTED,
      listener: { proxyProtocol: true, trustedProxies: ['10.0.0.0/8'] },
    });
    for (const header of [V1, V2, '']) {
      const connection = await client();
      connection.socket.write(header + get(), 'latin1');
      await connection.closed();
      assert.equal(connection.bytesReceived, 0);
    }
    assert.equal(upstream.requests.length, 0);
  });

  it('closes a connection whose header does not come', async (t) => {
    const { client } = await gateway(t, TRUSTED);
    const connection = await client();
    await connection.send('PROXY TC');
    await connection.closed();
  });

  it('does not read a header where the listener expects none', async (t) => {
    const { client } = await gateway(t, { upstream: answer(reply('x')) });
    const connection = await client();
    assert.equal((await connection.ask(V1 + get(), 'GET')).status, 400);
  });
});
