import assert from 'node:assert/strict';
import { endpointProcess } from '@turnpike/testkit/endpoint-process';
import { urlOf, type Place } from './discovery-world.ts';
import type { RunningGateway } from './running-gateway.ts';

/** An instance of `users` in a process of its own that looks after its registration, as its manual says. */
export interface RegisteredInstance extends Place, AsyncDisposable {
  /** Gets nothing new. */
  drain(): Promise<void>;
  /** Takes itself out of the registry, and ends. */
  leave(): Promise<void>;
  /** Ends without a word. */
  die(): Promise<void>;
}

/** The shortest there is. */
const LEASE_SECONDS = 5;

/** Starts one that is registered. */
export async function registeredInstance(gateway: RunningGateway, id: string): Promise<RegisteredInstance> {
  const endpoint = await endpointProcess();
  const place = { host: '127.0.0.1', port: endpoint.port };
  const path = `/registry/users/${id}`;
  const registered = await gateway.admin(path, 'PUT', { url: urlOf(place), ttlSeconds: LEASE_SECONDS });
  assert.equal(registered.status, 201, registered.body);
  const beat = async (): Promise<void> => {
    const { status, body } = await gateway.admin(`${path}/heartbeat`, 'POST');
    if (status !== 204) throw new Error(body);
  };
  const heart = setInterval(() => void beat().catch(() => clearInterval(heart)), (LEASE_SECONDS * 1000) / 5);
  const die = async (): Promise<void> => {
    clearInterval(heart);
    await endpoint.kill();
  };
  const tell = async (change: string, method: string): Promise<void> => {
    const { status, body } = await gateway.admin(change, method);
    assert.equal(status, 204, body);
  };

  return {
    ...place,
    drain: () => tell(`${path}/drain`, 'POST'),
    async leave() {
      clearInterval(heart);
      await tell(path, 'DELETE');
      await die();
    },
    die,
    [Symbol.asyncDispose]: die,
  };
}
