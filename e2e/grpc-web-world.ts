import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { DESCRIPTORS, startTalkService, type TalkService } from './talk-service.ts';

/** A gateway before a gRPC service, for clients that speak something else. */
export interface WebWorld extends AsyncDisposable {
  readonly service: TalkService;
  readonly gateway: RunningGateway;
  readonly origin: string;
}

/** What a test may want different. */
export interface WebOptions {
  /** Whether the gateway knows the methods of the service. */
  readonly schema?: boolean;
  /** More of `translate`, in YAML. */
  readonly translate?: string;
  /** Policies of all routes, in YAML. */
  readonly policies?: string;
}

/** Starts both. */
export async function webWorld({
  schema = true,
  translate = '',
  policies = '{}',
}: WebOptions = {}): Promise<WebWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'turnpike-web-'));
  await writeFile(join(folder, 'talk.binpb'), DESCRIPTORS);
  const service = await startTalkService();
  const grpc = schema ? `grpc: { descriptors: ${join(folder, 'talk.binpb')} }` : '';
  const gateway = await runGateway(`
listeners: { web: { address: "127.0.0.1:0" } }
services:
  talk:
    endpoints: [grpc://127.0.0.1:${service.port}]
    ${grpc}
routes:
  talk:
    match: { path: /talk.v1.Talk/* }
    service: talk
    translate: { grpc: web${translate} }
  limited:
    match: { path: /talk.v1.Talk/*, headers: { x-limited: "*" } }
    service: talk
    translate: { grpc: web${translate} }
    policies: { rateLimit: [{ limit: 1, per: 1h, by: "header:x-limited" }] }
defaults: { policies: ${policies} }
admin: { address: "127.0.0.1:0" }
`);
  return {
    service,
    gateway,
    origin: `http://127.0.0.1:${gateway.port}`,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
