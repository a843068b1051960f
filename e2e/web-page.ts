import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const MODULES = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** Packages as browsers load them, without a bundler: each name and the file that it stands for. */
const IMPORTS = Object.fromEntries(
  [
    '@bufbuild/protobuf',
    '@bufbuild/protobuf/codegenv2',
    '@bufbuild/protobuf/reflect',
    '@bufbuild/protobuf/wire',
    '@bufbuild/protobuf/wkt',
    '@connectrpc/connect',
    '@connectrpc/connect/protocol',
    '@connectrpc/connect/protocol-connect',
    '@connectrpc/connect/protocol-grpc-web',
    '@connectrpc/connect-web',
  ].map((name) => [name, pathOf(fileURLToPath(import.meta.resolve(name)))]),
);
IMPORTS['grpc-web'] = '/node_modules/grpc-web/index.esm.js';

function pathOf(file: string): string {
  return `/node_modules/${file.slice(MODULES.length)}`;
}

const PAGE = `<!doctype html><script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`;

/** A site with an empty page, from which scripts may import what clients of others are made of. */
export interface WebPage extends AsyncDisposable {
  readonly origin: string;
}

/** Starts it on an origin of its own. */
export async function startWebPage(): Promise<WebPage> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
      return;
    }
    const isModule = /^\/node_modules\/[\w@./-]+\.js$/.test(path) && !path.includes('..');
    const found = isModule
      ? readFile(MODULES + path.slice('/node_modules/'.length))
      : Promise.reject(new Error(path));
    found.then(
      (bytes) => response.writeHead(200, { 'content-type': 'text/javascript' }).end(bytes),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
