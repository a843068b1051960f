import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { eventually, type TestCertificate } from '@turnpike/testkit';
import {
  decodeExport,
  type DecodedExport,
  type DecodedSpan,
} from '../packages/gateway/src/observe/otlp/otlp-testing.ts';

/** A request that came, decoded with the official definitions of OTLP. */
export interface Delivery {
  readonly path: string;
  readonly fields: IncomingMessage['headers'];
  readonly traces: DecodedExport<DecodedSpan>;
}

/** A receiver of OTLP over HTTP. */
export interface OtlpCollector extends AsyncDisposable {
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  readonly spans: readonly DecodedSpan[];
  /** Requests that came, whatever became of them. */
  readonly requests: number;
  /** Answers so from now on. */
  script(answer: (response: ServerResponse) => void): void;
  /** The spans, once there are so many. */
  received(count: number): Promise<readonly DecodedSpan[]>;
}

/** Takes everything. */
export function taken(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
}

/** Starts a collector for traces on a free port, with TLS if it has a certificate. What it does not take, it does not keep. */
export async function otlpCollector(certificate: TestCertificate | null = null): Promise<OtlpCollector> {
  let answer = taken;
  let requests = 0;
  const deliveries: Delivery[] = [];
  const spans = (): DecodedSpan[] => deliveries.flatMap(({ traces }) => traces.items);
  const listener: RequestListener = (request, response) => {
    requests++;
    void buffer(request).then((body) => {
      const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      const delivery = {
        path: request.url ?? '',
        fields: request.headers,
        traces: decodeExport('traces', plain),
      };
      response.once('finish', () => {
        if (response.statusCode === 200) deliveries.push(delivery);
      });
      answer(response);
    });
  };
  const server = certificate === null ? createServer(listener) : createTlsServer(certificate, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;

  return {
    url: `${certificate === null ? 'http' : 'https'}://127.0.0.1:${port}`,
    deliveries,
    get spans() {
      return spans();
    },
    get requests() {
      return requests;
    },
    script(next) {
      answer = next;
    },
    async received(count) {
      await eventually(() => spans().length >= count, `${count} spans at the collector`);
      return spans();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
