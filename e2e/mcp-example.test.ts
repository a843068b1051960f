// docs/mcp.md walks through examples/mcp; this does what it says, with the official SDK.
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startOrders } from '../examples/quickstart/services/orders.ts';
import { startUsers } from '../examples/quickstart/services/users.ts';
import { freePorts, root, startTurnpike, turnpike } from './cli-program.ts';

const EXAMPLE = join(root, 'examples/mcp/gateway.yaml');
const KITCHEN = { 'x-api-key': 'kitchen-key-of-the-example-001' };
const READER = { 'x-api-key': 'reader-key-of-the-example-0001' };

async function start(t: TestContext): Promise<number> {
  const [port = 0, users = 0, orders = 0] = await freePorts(3);
  const services: Server[] = [await startUsers(users), await startOrders(orders)];
  t.after(() => {
    for (const service of services) {
      service.closeAllConnections();
      service.close();
    }
  });
  const env = {
    MCP_PORT: String(port),
    USERS_PORT: String(users),
    ORDERS_PORT: String(orders),
    ADMIN_PORT: '0',
  };
  await startTurnpike(t, ['start', EXAMPLE], { env }).says(/"message":"serving"/);
  return port;
}

async function connect(
  t: TestContext,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Client> {
  const client = new Client(
    { name: 'e2e', version: '1' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { ...headers } } }),
  );
  t.after(() => client.close());
  return client;
}

async function namesOf(client: Client): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

describe('the example of MCP', () => {
  before(async () => {
    const { code, out, err } = await turnpike(['check', EXAMPLE]);
    assert.equal(code, 0, out + err);
  });

  it('has the tools that its guide shows, each for those who may', async (t) => {
    const at = `http://127.0.0.1:${await start(t)}`;
    const look = await connect(t, `${at}/look`);
    assert.deepEqual(await namesOf(look), ['getUser', 'listOrders', 'listUsers', 'ordersOfUser']);
    const ada = await look.callTool({ name: 'getUser', arguments: { id: 1 } });
    assert.match(JSON.stringify(ada.structuredContent), /Ada Lovelace/);

    const reader = await connect(t, `${at}/kitchen`, READER);
    assert.deepEqual(await namesOf(reader), ['kitchen_listOrders', 'kitchen_ordersOfUser']);
    const dish = { name: 'kitchen_addOrder', arguments: { user: 1, dish: 'soup' } };
    await assert.rejects(reader.callTool(dish), /403|scope/i);
    const kitchen = await connect(t, `${at}/kitchen`, KITCHEN);
    const order = await kitchen.callTool(dish);
    assert.match(JSON.stringify(order.structuredContent), /soup/);

    const both = await connect(t, `${at}/both`);
    assert.ok((await namesOf(both)).includes('menu__listOrders'));
    const menu = await both.callTool({ name: 'menu__listOrders', arguments: {} });
    assert.match(JSON.stringify(menu.content), /soup/);
  });

  it('is explained', async () => {
    const { code, out, err } = await turnpike(['explain', 'POST', '/look', '--config', EXAMPLE]);
    assert.equal(code, 0, out + err);
    assert.match(out, /mcp-message/);
    assert.match(out, /users\.openapi\.yaml by users/);
  });
});
