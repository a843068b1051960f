import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { answer, answerWhole, reply } from '@turnpike/testkit';
import { certificateStore } from '../tls/fixture.ts';
import { gateway, type Rig } from './fixture.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;

/** Why a test with a program of others cannot run, or false. */
function without(program: string, debianPackage: string): string | false {
  const missing = (process.env['TURNPIKE_MISSING_PACKAGES'] ?? '').split(',');
  const isThere = !missing.includes(debianPackage) && existsSync(`/usr/bin/${program}`);
  return isThere ? false : `${debianPackage} is not installed`;
}

async function call(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(program, args, { timeout: TIMEOUT_MS });
  return stdout;
}

/** With TLS on the second port. */
async function both(t: TestContext): Promise<Rig & { readonly tlsPort: number; readonly authority: string }> {
  const store = await certificateStore(t);
  const certificates = [await store.issue('a', { names: ['127.0.0.1', 'localhost'] })];
  const rig = await gateway(t, {
    upstream: (talk) =>
      talk.method === 'POST'
        ? answerWhole((body) => reply(`got ${body.length}`))(talk)
        : answer(reply('hello'))(talk),
    sections: {},
    listener: { tls: { certificates } },
  });
  const authority = await store.write('ca.pem', store.authority.cert);
  return { ...rig, tlsPort: rig.plane.port, authority };
}

describe('clients of others, with HTTP/2', () => {
  it('curl, by prior knowledge', { skip: without('curl', 'curl') }, async (t) => {
    const { plane } = await gateway(t, { upstream: answerWhole((body) => reply(`got ${body.length}`)) });
    const url = `http://127.0.0.1:${plane.port}/`;
    const text = await call(
      'curl',
      '-s',
      '--http2-prior-knowledge',
      '-w',
      ' %{http_version}',
      '-d',
      'x'.repeat(50_000),
      url,
    );
    assert.equal(text, 'got 50000 2');
  });

  it('curl, by ALPN, or HTTP/1.1 if it likes', { skip: without('curl', 'curl') }, async (t) => {
    const { tlsPort, authority } = await both(t);
    const url = `https://localhost:${tlsPort}/`;
    for (const [option, version] of [
      ['--http2', '2'],
      ['--http1.1', '1.1'],
    ] as const) {
      const text = await call(
        'curl',
        '-s',
        option,
        '--cacert',
        authority,
        '-w',
        ' %{http_version}',
        '--connect-to',
        `localhost:${tlsPort}:127.0.0.1:${tlsPort}`,
        url,
      );
      assert.equal(text, `hello ${version}`);
    }
  });

  it(
    'nghttp, with an upload and many requests at once',
    { skip: without('nghttp', 'nghttp2-client') },
    async (t) => {
      const { plane } = await gateway(t, { upstream: answer(reply('hello')) });
      const url = `http://127.0.0.1:${plane.port}/`;
      const text = await call('nghttp', '-s', '-n', '-m', '30', url);
      assert.equal(text.match(/ 200 /g)?.length, 30);
    },
  );

  it(
    'h2load, some thousand requests, all answered',
    { skip: without('h2load', 'nghttp2-client') },
    async (t) => {
      const { tlsPort } = await both(t);
      const text = await call('h2load', '-n', '3000', '-c', '5', '-m', '20', `https://127.0.0.1:${tlsPort}/`);
      assert.match(text, /3000 succeeded, 0 failed, 0 errored, 0 timeout/);
      assert.match(text, /status codes: 3000 2xx/);
    },
  );
});
