/** Unary gRPC calls by h2load: one message of 100 bytes each, on 8 connections with 10 calls at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadResult } from './load.ts';
import { complete, type Placement } from './processes.ts';

/** What one round brought; h2load tells no percentiles. */
export type CallsResult = Pick<LoadResult, 'requests' | 'seconds' | 'errors'>;

/** Makes calls for so many seconds. */
export async function calls(port: number, seconds: number, placement: Placement): Promise<CallsResult> {
  const file = join(placement.directory, 'grpc-message');
  writeFileSync(file, Buffer.concat([Buffer.of(0, 0, 0, 0, 100), Buffer.alloc(100, 'x')]));
  const fields = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];
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
