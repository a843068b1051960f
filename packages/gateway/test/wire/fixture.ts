import type { TestContext } from 'node:test';
import type { PoliciesConfig } from '@turnpike/config';
import {
  rawClient,
  scriptedUpstream,
  startPlane,
  type Plane,
  type RawClient,
  type ScriptedUpstream,
  type Step,
} from '@turnpike/testkit';

/** What a test says of its gateway besides the defaults: one listener, one service, one route for everything. */
export interface GatewayPlan {
  readonly upstream: Step;
  readonly listener?: object;
  readonly service?: object;
  readonly route?: object;
  readonly services?: Readonly<Record<string, object>>;
  readonly routes?: Readonly<Record<string, object>>;
  readonly defaults?: object;
  /** Other sections of the document. */
  readonly sections?: object;
  /** Put over those of all routes, for what the document cannot say. */
  readonly policies?: Partial<PoliciesConfig>;
}

/** A gateway before a scripted upstream; all of it ends with the test. */
export interface Rig {
  readonly plane: Plane;
  readonly upstream: ScriptedUpstream;
  client(): Promise<RawClient>;
}

/** Starts both. Nothing may be under way when the test is over: the plane would not close. */
export async function gateway(t: TestContext, plan: GatewayPlan): Promise<Rig> {
  const upstream = await scriptedUpstream(plan.upstream);
  const document = {
    listeners: { web: { address: '127.0.0.1:0', ...plan.listener } },
    services: { main: { endpoints: [upstream.url], ...plan.service }, ...plan.services },
    routes: {
      main: {
        match: { path: '/*' },
        ...(plan.route !== undefined && 'respond' in plan.route ? {} : { service: 'main' }),
        ...plan.route,
      },
      ...plan.routes,
    },
    ...(plan.defaults === undefined ? {} : { defaults: plan.defaults }),
    ...plan.sections,
  };
  const plane = await startPlane(document, {}, plan.policies);
  const clients: RawClient[] = [];
  t.after(async () => {
    for (const client of clients) client.destroy();
    await upstream.close();
    await plane.close();
  });
  return {
    plane,
    upstream,
    async client() {
      const client = await rawClient(plane.port);
      clients.push(client);
      return client;
    },
  };
}

/** A request head with `Host`, and a body if there is one. */
export function request(line: string, fields: readonly string[] = [], body = ''): string {
  const all = ['Host: gateway.test', ...fields];
  if (body !== '') all.push(`Content-Length: ${Buffer.byteLength(body, 'latin1')}`);
  return `${line} HTTP/1.1\r\n${all.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
}

/** A plain GET. */
export function get(path = '/', ...fields: readonly string[]): string {
  return request(`GET ${path}`, fields);
}

/** A body in chunks. */
export function chunks(parts: readonly string[], trailers: readonly string[] = []): string {
  const body = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
  return `${body}0\r\n${trailers.map((trailer) => `${trailer}\r\n`).join('')}\r\n`;
}

/** The code of a problem document. */
export function codeOf({ body }: { readonly body: Buffer }): unknown {
  const problem: unknown = JSON.parse(body.toString());
  return typeof problem === 'object' && problem !== null && 'code' in problem ? problem.code : undefined;
}
