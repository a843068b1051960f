import { ITEM_FIELD } from '../../core/otlp-batch.ts';
import type { WireWriter } from '../../core/protobuf/wire-writer.ts';
import { spanOf } from '../../core/trace-ids.ts';
import type { AttemptSpan } from '../../core/trace.ts';
import { beginMessage, type Attributes } from '../otlp/otlp-values.ts';
import { PreparedBytes } from '../otlp/prepared-bytes.ts';
import {
  attributeName,
  writeCommon,
  writeCountAttribute,
  writeError,
  writeFrame,
  writeSpanFlags,
  writeTextAttribute,
} from '../otlp/span-fields.ts';
import { methodName, type Telling } from './server-span.ts';

/** Writes the span of an attempt as an item of a batch: what it was for us, who were the client. */
export function writeAttemptSpan(writer: WireWriter, { attempt, telling }: ToldAttempt): void {
  const { trace, endedAtMs, offsetMs } = telling;
  const { target, path, resends, status, error, startedAtMs } = attempt;
  // Of an answer that is still on its way, the exchange ended first.
  const endMs = attempt.endedAtMs === 0 ? endedAtMs : attempt.endedAtMs;
  const start = beginMessage(writer, ITEM_FIELD);
  writeFrame(writer, {
    traceId: trace.id,
    spanId: spanOf(attempt.line),
    parentSpanId: trace.spanId,
    state: trace.caller.state,
    startMs: startedAtMs + offsetMs,
    endMs: Math.max(endMs, startedAtMs) + offsetMs,
  });
  writer.raw(commonOf(attempt));
  // Without its query, which may carry secrets.
  writeTextAttribute(writer, URL, target.origin + path.slice(0, MAX_PATH));
  if (resends > 0) writeCountAttribute(writer, RESENDS, resends);
  if (status > 0) writeCountAttribute(writer, STATUS, status);
  if (error !== '') writeTextAttribute(writer, ERROR, error);
  else if (status >= 400) writeTextAttribute(writer, ERROR, String(status));
  if (error !== '' || status >= 400) writeError(writer);
  writeSpanFlags(writer, trace.flags, 'ours');
  writer.end(start);
}

/** An attempt of an exchange whose spans are told. */
export interface ToldAttempt {
  readonly attempt: AttemptSpan;
  readonly telling: Telling;
}

/** The same as for the last one, mostly. */
function commonOf({ method, service, target: { origin, version } }: AttemptSpan): Uint8Array {
  const isSame =
    last.method === method && last.service === service && last.origin === origin && last.version === version;
  if (isSame) return last.bytes;
  const name = methodName(method);
  const bytes = prepared.of(`${name}\n${version}\n${origin}\n${service}`, (writer) => {
    const [, host = origin, port = ''] = /:\/\/\[?([^\]]*)\]?:(\d+)$/.exec(origin) ?? [];
    const attributes: Attributes = [
      ['http.request.method', name],
      ['server.address', host],
      ['network.protocol.name', 'http'],
      ['network.protocol.version', version],
      ['turnpike.service', service],
    ];
    const ofPort: Attributes = port === '' ? [] : [['server.port', Number(port)]];
    writeCommon(writer, spanName(name), { kind: 'client', attributes: [...attributes, ...ofPort] });
  });
  last = { method, service, origin, version, bytes };
  return bytes;
}

function spanName(method: string): string {
  return method === '_OTHER' ? 'HTTP' : method;
}

const prepared = new PreparedBytes();
const NOTHING: Uint8Array = new Uint8Array();
let last = { method: '', service: '', origin: '', version: '', bytes: NOTHING };
const MAX_PATH = 2048;
const URL = attributeName('url.full');
const RESENDS = attributeName('http.request.resend_count');
const STATUS = attributeName('http.response.status_code');
const ERROR = attributeName('error.type');
