import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type GatewayPlace, runGateway, type RunningGateway } from './running-gateway.ts';

/** How long anything may take that a machine with much else to do takes long for. */
export const PATIENCE_MS = 60_000;

/** Gateways that share a database, each with a state of its own. */
export interface Fleet extends AsyncDisposable {
  readonly gateways: readonly RunningGateway[];
  /** Starts the gateway of that number, with the state that it had. */
  start(number: number): Promise<RunningGateway>;
}

/** Starts `size` of them; `configOf` gets the number of a gateway and its state directory, `placeOf` the number. */
export async function fleetOf(
  size: number,
  configOf: (number: number, state: string) => string,
  placeOf: (number: number) => GatewayPlace | undefined = () => undefined,
): Promise<Fleet> {
  const directory = await mkdtemp(join(tmpdir(), 'turnpike-fleet-'));
  const started: RunningGateway[] = [];
  const gateways: RunningGateway[] = [];
  const start = async (number: number): Promise<RunningGateway> => {
    const gateway = await runGateway(configOf(number, join(directory, String(number))), {}, placeOf(number));
    started.push(gateway);
    gateways[number] = gateway;
    return gateway;
  };
  const end = async (): Promise<void> => {
    for (const gateway of started) await gateway[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await Promise.all(Array.from({ length: size }, (_, number) => start(number)));
  } catch (error) {
    await end();
    throw error;
  }
  return { gateways, start, [Symbol.asyncDispose]: end };
}

/** Of a gateway whose admin API can be reached from elsewhere. */
export const ADMIN_TOKEN = 'a-token-of-the-tests-that-is-long-enough';

/** One call of the admin API: `PUT /v1/routes/a`. */
export async function ask(
  { host, adminPort }: Pick<RunningGateway, 'host' | 'adminPort'>,
  call: string,
  body?: object,
): Promise<{ status: number; text: string }> {
  const [method = '', path = ''] = call.split(' ');
  const response = await fetch(`http://${host}:${adminPort}${path}`, {
    method,
    headers: {
      ...(host !== '127.0.0.1' && { authorization: `Bearer ${ADMIN_TOKEN}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** The same, which must go well; gives what was answered. */
export async function told<T>(
  gateway: Pick<RunningGateway, 'host' | 'adminPort'>,
  call: string,
  body?: object,
): Promise<T> {
  const { status, text } = await ask(gateway, call, body);
  if (status >= 300) throw new Error(`${call} was answered with ${status}: ${text.slice(0, 2000)}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** Looks again and again; gives how long it took, in milliseconds. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  everyMs = 20,
): Promise<number> {
  const beganAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - beganAt > PATIENCE_MS) throw new Error(`${what}: not in time`);
    await delay(everyMs);
  }
  return performance.now() - beganAt;
}
