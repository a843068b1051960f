import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { fetchText } from '../../src/identity/http/fetch-text.ts';
import { findNear } from '../../src/identity/http/find-addresses.ts';
import { HttpClient, type HttpClientOptions } from '../../src/identity/http/http-client.ts';
import { withServer, type Answer } from './providers-site.ts';
import { selfSigned } from './self-signed.ts';

/** A client and a server for one test. */
async function calling(
  answer: Answer,
  use: (call: { http: HttpClient; origin: string }) => Promise<void>,
  options: HttpClientOptions = { timeoutMs: 30_000 },
): Promise<void> {
  await withServer(answer, async (origin) => {
    const http = new HttpClient(options);
    try {
      await use({ http, origin });
    } finally {
      await http.close();
    }
  });
}

/** An issuer on the internet, and everybody else on this machine. */
async function findHere(host: string) {
  return [{ address: host === 'login.example.com' ? '203.0.113.7' : '127.0.0.1', family: 4 }];
}

describe('a call', () => {
  it('gives what came back, whatever its status', async () => {
    await calling(
      (request, response) => {
        response.setHeader('Set-Cookie', ['a=1', 'b=2']);
        response.writeHead(404, { 'X-Method': request.method }).end('nichts für Sie');
      },
      async ({ http, origin }) => {
        const { status, headers, text } = await http.request(`${origin}/`, { method: 'POST', body: 'a=1' });
        assert.equal(status, 404);
        assert.equal(headers.get('x-method'), 'POST');
        assert.equal(headers.get('set-cookie'), 'a=1, b=2');
        assert.equal(text, 'nichts für Sie');
      },
    );
  });

  it('follows no redirect', async () => {
    let count = 0;
    await calling(
      (_, response) => {
        count++;
        response.writeHead(302, { location: '/elsewhere' }).end();
      },
      async ({ http, origin }) => {
        assert.equal((await http.request(origin)).status, 302);
        assert.equal(count, 1);
      },
    );
  });

  it('keeps connections for the next', async () => {
    const ports = new Set<number | undefined>();
    await calling(
      (request, response) => {
        ports.add(request.socket.remotePort);
        response.end();
      },
      async ({ http, origin }) => {
        for (let count = 0; count < 10; count++) await http.request(origin);
        assert.ok(ports.size < 10);
      },
    );
  });

  it('reads no more than it may', async () => {
    await calling(
      (_, response) => response.end('x'.repeat(1001)),
      async ({ http, origin }) => {
        const failure = { name: 'HttpFailure', fault: 'too-large' };
        await assert.rejects(http.request(origin, { maxBytes: 1000 }), failure);
        assert.equal((await http.request(origin, { maxBytes: 1001 })).text.length, 1001);
      },
    );
  });

  it('ends when nobody answers in time, or the answer has no end', async () => {
    const failure = { name: 'HttpFailure', fault: 'timeout' };
    await calling(
      (request, response) => {
        if (request.url === '/endless') response.write('x');
      },
      async ({ http, origin }) => {
        await assert.rejects(http.request(`${origin}/silent`, { timeoutMs: 50 }), failure);
        await assert.rejects(http.request(`${origin}/endless`, { timeoutMs: 500 }), failure);
      },
    );
  });

  it('ends when it is called off, and when the client is closed', async () => {
    const failure = { name: 'HttpFailure', fault: 'network' };
    const arrived: (() => void)[] = [];
    const next = (): Promise<void> => new Promise((resolve) => arrived.push(resolve));
    await calling(
      () => arrived.shift()?.(),
      async ({ http, origin }) => {
        const callOff = new AbortController();
        const first = assert.rejects(http.request(origin, { signal: callOff.signal }), failure);
        await next();
        callOff.abort();
        await first;
        const second = assert.rejects(http.request(origin), failure);
        await next();
        await http.close();
        await second;
        await assert.rejects(http.request(origin), failure);
      },
    );
  });

  it('tells what went wrong without the query', async () => {
    const http = new HttpClient();
    for (const url of ['', 'ftp://127.0.0.1/', 'javascript:alert(1)'])
      await assert.rejects(http.request(url), { name: 'HttpFailure', fault: 'address' });
    await calling(
      (request) => request.socket.destroy(),
      async ({ http, origin }) => {
        await assert.rejects(http.request(`${origin}/path?secret=1`), (error: Error) => {
          assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+\/path: /);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        });
      },
    );
    await http.close();
  });

  it('goes to the address that was found, under the name that was asked for', async () => {
    const asked: string[] = [];
    const findAddresses = async (host: string) => {
      asked.push(host);
      return [{ address: '127.0.0.1', family: 4 }];
    };
    await calling(
      (request, response) => response.end(request.headers.host),
      async ({ http, origin }) => {
        const url = origin.replace('127.0.0.1', 'keys.example.com');
        assert.equal((await http.request(url)).text, new URL(url).host);
        assert.deepEqual(asked, ['keys.example.com']);
      },
      { findAddresses, timeoutMs: 30_000 },
    );
  });

  it('goes to no address that may not be called, by name or by number', async () => {
    let count = 0;
    await calling(
      () => count++,
      async ({ http, origin }) => {
        for (const host of ['127.0.0.1', 'keys.example.com', '0x7f.1', '2130706433'])
          await assert.rejects(http.request(origin.replace('127.0.0.1', host)), { fault: 'address' });
        assert.equal(count, 0);
      },
      { findAddresses: findNear('https://login.example.com', findHere), timeoutMs: 30_000 },
    );
  });
});

describe('an answer that goes on', () => {
  const request = { silenceMs: 30_000 };

  it('is read line by line while it comes, in whatever pieces', async () => {
    let more = (): void => {};
    await calling(
      (_, response) => {
        response.write('eins\nzw');
        more = () => {
          response.write(Buffer.from('ei\n\nd\xc3', 'latin1'));
          response.end(Buffer.from('\xbcrr', 'latin1'));
        };
      },
      async ({ http, origin }) => {
        const { status, lines } = await http.lines(origin, request);
        const seen: string[] = [];
        for await (const line of lines) if (seen.push(line) === 1) more();
        assert.equal(status, 200);
        assert.deepEqual(seen, ['eins', 'zwei', '', 'dürr']);
      },
    );
  });

  it('may have many lines, but none that is too long', async () => {
    await calling(
      (_, response) => response.end(`${`${'x'.repeat(1000)}\n`.repeat(100)}${'x'.repeat(1001)}`),
      async ({ http, origin }) => {
        const { lines } = await http.lines(origin, { ...request, maxBytes: 1000 });
        let count = 0;
        const reading = async (): Promise<void> => {
          for await (const _ of lines) count++;
        };
        await assert.rejects(reading, { name: 'HttpFailure', fault: 'too-large' });
        assert.equal(count, 100);
      },
    );
  });

  it('fails when it is silent for too long, or breaks off', async () => {
    for (const [path, fault] of [
      ['/silent', 'timeout'],
      ['/broken', 'network'],
    ] as const)
      await calling(
        (request, response) => {
          response.write('one\nhalf', () => {
            if (request.url === '/broken') response.destroy();
          });
        },
        async ({ http, origin }) => {
          const { lines } = await http.lines(origin + path, { silenceMs: 500 });
          const reading = async (): Promise<void> => {
            for await (const line of lines) assert.equal(line, 'one');
          };
          await assert.rejects(reading, { name: 'HttpFailure', fault });
        },
      );
  });

  it('fails when its head does not come in time', async () => {
    await calling(
      () => {},
      async ({ http, origin }) => {
        const failure = { name: 'HttpFailure', fault: 'timeout' };
        await assert.rejects(http.lines(origin, { ...request, timeoutMs: 500 }), failure);
      },
    );
  });

  it('is broken off by whoever leaves it, or calls it off', async () => {
    let gone = (): void => {};
    await calling(
      (_, response) => {
        response.write('one\n');
        response.once('close', () => gone());
      },
      async ({ http, origin }) => {
        const leave = async (lines: AsyncIterable<string>): Promise<void> => {
          for await (const _ of lines) break;
        };
        const closed = new Promise<void>((resolve) => (gone = resolve));
        await leave((await http.lines(origin, request)).lines);
        await closed;
        const callOff = new AbortController();
        const closedToo = new Promise<void>((resolve) => (gone = resolve));
        await http.lines(origin, { ...request, signal: callOff.signal });
        callOff.abort();
        await closedToo;
      },
    );
  });
});

describe('a call by https', () => {
  it('is made to nobody whom no authority vouches for, whatever the environment says', async () => {
    const { key, cert } = selfSigned();
    const server = createServer({ key, cert }, (_, response) => response.end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const http = new HttpClient({ timeoutMs: 30_000 });
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await assert.rejects(http.request(`https://127.0.0.1:${port}/`), (error: Error) => {
        assert.match(error.message, /DEPTH_ZERO_SELF_SIGNED_CERT/);
        return true;
      });
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
      await http.close();
      server.close();
    }
  });

  it('believes the authorities that are named for it, and those alone', async () => {
    const [{ key, cert }, other] = [selfSigned(), selfSigned()];
    const server = createServer({ key, cert }, (_, response) => response.end('hello\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const http = new HttpClient({ timeoutMs: 30_000 });
    const url = `https://localhost:${port}/`;
    try {
      assert.equal((await http.request(url, { authorities: cert })).text, 'hello\n');
      const { lines } = await http.lines(url, { authorities: cert, silenceMs: 30_000 });
      for await (const line of lines) assert.equal(line, 'hello');
      for (const authorities of [other.cert, null])
        await assert.rejects(http.request(url, { authorities }), { name: 'HttpFailure', fault: 'network' });
    } finally {
      await http.close();
      server.close();
    }
  });
});

describe('a text', () => {
  it('is fetched, and not again while it is the same', async () => {
    let tag = '"one"';
    const date = 'Tue, 03 Feb 2026 04:05:06 GMT';
    await calling(
      (request, response) => {
        const isSame =
          request.headers['if-none-match'] === tag && request.headers['if-modified-since'] === date;
        response.setHeader('etag', tag).setHeader('last-modified', date);
        if (isSame) response.writeHead(304).end();
        else response.end(`text of ${tag}`);
      },
      async ({ http, origin }) => {
        const first = await fetchText(http, origin);
        assert.deepEqual(first, { kind: 'text', text: 'text of "one"', etag: tag, lastModified: date });
        const version = { etag: tag, lastModified: date };
        assert.deepEqual(await fetchText(http, origin, version), { kind: 'same' });
        tag = '"two"';
        assert.deepEqual(await fetchText(http, origin, version), {
          kind: 'text',
          text: 'text of "two"',
          etag: tag,
          lastModified: date,
        });
      },
    );
  });

  it('is none with any other status', async () => {
    await calling(
      (request, response) => response.writeHead(Number(request.url?.slice(1))).end('text'),
      async ({ http, origin }) => {
        for (const status of [204, 302, 304, 404, 500])
          await assert.rejects(fetchText(http, `${origin}/${status}`), { fault: 'status' });
      },
    );
  });
});
