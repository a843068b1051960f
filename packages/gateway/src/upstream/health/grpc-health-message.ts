const PREFIX_BYTES = 5;
const SERVICE_FIELD = 0x0a;
const STATUS_FIELD = 1;
const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
const SERVING = 1;

/** A `HealthCheckRequest` (grpc/health/v1/health.proto) with the prefix of a gRPC message. */
export function healthRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const length = name.length < 128 ? [name.length] : [(name.length & 127) | 128, name.length >>> 7];
  const message = Buffer.concat([Buffer.of(SERVICE_FIELD, ...length), name]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** What is wrong with a framed `HealthCheckResponse`; null: the service is serving. */
export function healthProblem(bytes: Buffer): string | null {
  if (bytes.length < PREFIX_BYTES || bytes[0] !== 0) return 'the answer is no message';
  if (bytes.readUInt32BE(1) !== bytes.length - PREFIX_BYTES) return 'the answer is not one message';
  const status = statusOf(bytes.subarray(PREFIX_BYTES));
  if (status === SERVING) return null;
  return STATUSES[status] ?? 'the answer is malformed';
}

const STATUSES: Readonly<Record<number, string>> = { 0: 'UNKNOWN', 2: 'NOT_SERVING', 3: 'SERVICE_UNKNOWN' };
const MALFORMED = -1;

/** The last field 1 that there is, as Protocol Buffers demand; fields that we do not know are skipped. */
function statusOf(message: Buffer): number {
  let status = 0;
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) return MALFORMED;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    return MALFORMED;
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === VARINT) {
      const value = varint();
      if (value === MALFORMED) return MALFORMED;
      if (tag >>> 3 === STATUS_FIELD) status = value;
    } else if (wire === BYTES) {
      const length = varint();
      if (length === MALFORMED) return MALFORMED;
      at += length;
    } else if (wire === FIXED_64 || wire === FIXED_32) at += wire === FIXED_64 ? 8 : 4;
    else return MALFORMED;
  }
  return at === message.length ? status : MALFORMED;
}
