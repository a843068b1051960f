import type { TestContext } from 'node:test';
import { eventually, type Plane } from '@turnpike/testkit';
import { exportRequest } from '../../src/observe/otlp/export-request.ts';
import { decodeExport, type DecodedSpan } from '../../src/observe/otlp/otlp-testing.ts';
import { gateway, type GatewayPlan, type Rig } from '../wire/fixture.ts';

/** Everybody is believed, and everything is sampled. */
const TRACES = { otlp: 'http://collector.invalid', sample: '100%', trust: 'everybody' };

/** A gateway that traces. */
export function tracing(t: TestContext, plan: GatewayPlan, traces: object = {}): Promise<Rig> {
  return gateway(t, { ...plan, sections: { telemetry: { traces: { ...TRACES, ...traces } } } });
}

/** The spans that the supervisor was given, once there are so many. */
export async function spansOf(plane: Plane, count: number): Promise<readonly DecodedSpan[]> {
  const read = (): readonly DecodedSpan[] => {
    const origin = { resource: [], version: '' };
    return decodeExport('traces', exportRequest(plane.telemetry, origin)).items;
  };
  await eventually(() => read().length >= count, `${count} spans`);
  return read();
}

/** Fields of a trace context that was sent. */
export function parts(traceParent: string | undefined): { traceId: string; spanId: string; flags: string } {
  const [, traceId = '', spanId = '', flags = ''] = (traceParent ?? '').split('-');
  return { traceId, spanId, flags };
}
