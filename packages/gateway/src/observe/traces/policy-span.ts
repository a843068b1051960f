import { ERRORS } from '../../core/errors.ts';
import { ITEM_FIELD } from '../../core/otlp-batch.ts';
import type { WireWriter } from '../../core/protobuf/wire-writer.ts';
import type { PolicySpan } from '../../core/trace.ts';
import { beginMessage } from '../otlp/otlp-values.ts';
import { PreparedBytes } from '../otlp/prepared-bytes.ts';
import {
  attributeName,
  writeCommon,
  writeError,
  writeFrame,
  writeSpanFlags,
  writeTextAttribute,
} from '../otlp/span-fields.ts';
import type { Telling } from './server-span.ts';

/** A policy of an exchange whose spans are told. */
export interface ToldPolicy {
  readonly policy: PolicySpan;
  readonly spanId: string;
  readonly telling: Telling;
}

/** Writes the span of a policy as an item of a batch: how long the exchange was with it on its way in. */
export function writePolicySpan(writer: WireWriter, { policy, spanId, telling }: ToldPolicy): void {
  const { trace, offsetMs } = telling;
  const { stage, startedAtMs, endedAtMs, code } = policy;
  const start = beginMessage(writer, ITEM_FIELD);
  writeFrame(writer, {
    traceId: trace.id,
    spanId,
    parentSpanId: trace.spanId,
    state: trace.caller.state,
    startMs: startedAtMs + offsetMs,
    endMs: Math.max(startedAtMs, endedAtMs) + offsetMs,
  });
  writer.raw(commonOf(stage));
  if (code !== '') writeTextAttribute(writer, CODE, code);
  if (code !== '' && ERRORS[code].fault !== 'client') writeError(writer);
  writeSpanFlags(writer, trace.flags, 'ours');
  writer.end(start);
}

function commonOf(stage: string): Uint8Array {
  return prepared.of(stage, (writer) =>
    writeCommon(writer, stage, { kind: 'internal', attributes: [['turnpike.stage', stage]] }),
  );
}

const prepared = new PreparedBytes();
const CODE = attributeName('turnpike.code');
