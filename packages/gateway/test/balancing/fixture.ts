import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { Balancer } from '@turnpike/config';
import type { EndpointEntry } from '../../src/core/endpoint-set.ts';
import { exchangeFrom } from '../../src/core/exchange-testing.ts';
import type { Exchange, PickReason } from '../../src/core/exchange.ts';
import { headersOf } from '../../src/core/headers.ts';
import { systemClock } from '../../src/core/ports.ts';
import { random } from '../../src/core/random.ts';
import { TimingWheel } from '../../src/core/timing-wheel.ts';
import { EndpointStates } from '../../src/upstream/balance/endpoint-states.ts';
import { forward } from '../../src/upstream/forward.ts';
import { Service } from '../../src/upstream/service.ts';
import { ClientConnection } from '../../src/wire/http1/client-connection.ts';
import { PLAIN_ROUTE, PLAIN_SERVICE, plainPorts } from '../../src/upstream/upstream-testing.ts';

/** Origins that answer 204, and a service over them, with real connections. */
export interface Fixture {
  readonly service: Service;
  readonly states: EndpointStates;
  readonly entries: readonly EndpointEntry[];
  /** Sends a request with those fields. */
  ask(...fields: readonly (readonly [name: string, value: string])[]): Promise<Answered>;
  /** An origin is not there any more. */
  kill(index: number): Promise<void>;
}

/** Who answered, and how it was chosen. */
export interface Answered {
  readonly origin: number;
  readonly picked: PickReason | '';
  readonly setCookie: string | undefined;
}

/** Starts `count` origins and a service that is balanced like that; all ends with the test. */
export async function start(t: TestContext, count: number, balancer: Balancer): Promise<Fixture> {
  const servers = await Promise.all(Array.from({ length: count }, () => originServer()));
  const entries = servers.map((server, slot) => entryOf(slot, server.address()));
  const states = new EndpointStates(EndpointStates.allocate(count, 1), 0);
  const wheel = new TimingWheel(() => systemClock.now());
  const ports = {
    wheel,
    states,
    random: random(1),
    ...plainPorts(),
    stickyKey: () => 'a key for tests',
    connect: (home: ConstructorParameters<typeof ClientConnection>[0]) => new ClientConnection(home),
  };
  const plan = {
    ...PLAIN_SERVICE,
    id: 'orders',
    balancer,
  };
  const service = new Service(plan, entries, ports);
  const stop = wheel.start();
  t.after(() => {
    stop();
    service.close();
    for (const server of servers) server.close();
  });
  const handler = forward({ ...PLAIN_ROUTE, service }, ports);

  async function ask(...fields: readonly (readonly [string, string])[]): Promise<Answered> {
    const exchange: Exchange = exchangeFrom({ headers: headersOf(...fields), startedAtMs: wheel.touch() });
    const { status, headers } = await handler(exchange);
    exchange.end();
    assert.equal(status, 204);
    const port = Number(headers.get('x-port'));
    return {
      origin: entries.findIndex((entry) => entry.port === port),
      picked: exchange.record.picked,
      setCookie: headers.get('set-cookie'),
    };
  }

  async function kill(index: number): Promise<void> {
    const server = servers[index] ?? assert.fail();
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }

  return { service, states, entries, ask, kill };
}

async function originServer(): Promise<Server> {
  const server = createServer((request, response) => {
    response.writeHead(204, { 'x-port': request.socket.localPort }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function entryOf(slot: number, address: AddressInfo | string | null): EndpointEntry {
  assert.ok(typeof address === 'object' && address !== null);
  const { port } = address;
  const url = `http://127.0.0.1:${port}`;
  return { url, host: '127.0.0.1', port, weight: 1, zone: null, priority: 0, isDraining: false, slot };
}
