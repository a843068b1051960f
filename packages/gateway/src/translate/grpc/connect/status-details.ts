import type { ConnectDetail } from '../../../core/connect-error.ts';
import { MessageFault } from '../../../core/grpc-schema.ts';
import { wireFields } from '../transcode/wire-fields.ts';

/** `details` of google.rpc.Status; `type_url` and `value` of google.protobuf.Any. */
const DETAILS = 3;
const TYPE_URL = 1;
const VALUE = 2;

/** The details in a `google.rpc.Status`. Bytes that are none have no details: the code and the message are elsewhere. */
export function statusDetails(status: Uint8Array | null): readonly ConnectDetail[] {
  if (status === null) return [];
  try {
    return wireFields(status)
      .filter(({ number }) => number === DETAILS)
      .map(({ bytes }) => detailOf(bytes));
  } catch (error) {
    if (error instanceof MessageFault) return [];
    throw error;
  }
}

function detailOf(any: Buffer): ConnectDetail {
  const fields = wireFields(any);
  const last = (wanted: number): Buffer =>
    fields.findLast(({ number }) => number === wanted)?.bytes ?? Buffer.alloc(0);
  const url = last(TYPE_URL).toString();
  return {
    type: url.slice(url.lastIndexOf('/') + 1),
    value: last(VALUE).toString('base64').replaceAll('=', ''),
  };
}
