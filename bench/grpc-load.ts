/** Unary gRPC calls by h2load: one message of 100 bytes each, or its JSON, on 8 connections with 10 calls at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadResult } from './load.ts';
import { complete, type Placement } from './processes.ts';

/** What one round brought; h2load tells no percentiles. */
export type CallsResult = Pick<LoadResult, 'requests' | 'seconds' | 'errors'>;

const NAME = 'x'.repeat(98);

/** What a call is made of: `message HelloRequest { string name = 1; }`, and how it is sent. */
const MESSAGES = {
  grpc: {
    fields: ['content-type: application/grpc', 'te: trailers'],
    body: Buffer.concat([Buffer.of(0, 0, 0, 0, 100, 0x0a, NAME.length), Buffer.from(NAME)]),
  },
  json: {
    fields: ['content-type: application/json'],
    body: Buffer.from(JSON.stringify({ name: NAME })),
  },
} as const;

/** Makes calls for so many seconds. */
export async function calls(
  port: number,
  { as, seconds }: { readonly as: keyof typeof MESSAGES; readonly seconds: number },
  placement: Placement,
): Promise<CallsResult> {
  const file = join(placement.directory, `${as}-message`);
  writeFileSync(file, MESSAGES[as].body);
  const fields = MESSAGES[as].fields.flatMap((field) => ['-H', field]);
  const size = ['-c8', '-m10', '-t1', '-D', String(seconds), '-d', file];
  const url = `http://127.0.0.1:${port}/helloworld.Greeter/SayHello`;
  const text = await complete(['h2load', ...size, ...fields, url], placement, (seconds + 20) * 1000);
  const [, succeeded = '0', failed = '0'] = /(\d+) succeeded, (\d+) failed/.exec(text) ?? [];
  const [, status2xx = '0'] = /status codes: (\d+) 2xx/.exec(text) ?? [];
  const requests = Number(succeeded);
  const errors = [
    ...(requests === 0 ? ['not one call was answered'] : []),
    ...(Number(failed) > 0 ? [`failed: ${failed} of ${requests}`] : []),
    ...(Number(status2xx) < requests ? [`status not 2xx: ${requests - Number(status2xx)}`] : []),
  ];
  return { requests, seconds, errors };
}
