import { WireReader } from '../../../core/protobuf/wire-reader.ts';
import { tagOf, WIRE, WireWriter } from '../../../core/protobuf/wire-writer.ts';

// grpc/reflection/v1/reflection.proto; v1alpha has the same messages.

/** What a service that describes itself is asked. */
export type ReflectionRequest =
  | { readonly kind: 'services' }
  | { readonly kind: 'symbol'; readonly symbol: string }
  | { readonly kind: 'file'; readonly name: string };

/** What it answers. */
export type ReflectionAnswer =
  | { readonly kind: 'services'; readonly names: readonly string[] }
  /** Each is a FileDescriptorProto. */
  | { readonly kind: 'files'; readonly files: readonly Uint8Array[] }
  /** A status of gRPC. */
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

const FILE_BY_NAME = 3;
const FILE_OF_SYMBOL = 4;
const LIST_SERVICES = 7;

/** The bytes of a ServerReflectionRequest. */
export function reflectionRequest(request: ReflectionRequest): Uint8Array {
  const writer = new WireWriter();
  const put = (field: number, text: string): void => {
    writer.varint(tagOf(field, WIRE.delimited));
    writer.text(text);
  };
  if (request.kind === 'services') put(LIST_SERVICES, '*');
  else if (request.kind === 'symbol') put(FILE_OF_SYMBOL, request.symbol);
  else put(FILE_BY_NAME, request.name);
  return writer.finish();
}

const FILES = 4;
const SERVICES = 6;
const ERROR = 7;

/** Reads a ServerReflectionResponse. Throws `MessageFault` for what is none. */
export function reflectionAnswer(bytes: Uint8Array): ReflectionAnswer {
  let answer: ReflectionAnswer = { kind: 'error', code: 2, message: 'it has answered nothing' };
  eachField(bytes, (field, reader) => {
    if (field === FILES) answer = { kind: 'files', files: partsOf(reader.delimited(), 1) };
    else if (field === SERVICES)
      answer = { kind: 'services', names: partsOf(reader.delimited(), 1).map(nameOf) };
    else if (field === ERROR) answer = errorOf(reader.delimited());
    else return false;
    return true;
  });
  return answer;
}

/** The name of a file, and the names of those that it imports: of a FileDescriptorProto. */
export function fileNames(file: Uint8Array): { readonly name: string; readonly imports: readonly string[] } {
  return { name: nameOf(file), imports: partsOf(file, 3).map((part) => new TextDecoder().decode(part)) };
}

function nameOf(message: Uint8Array): string {
  return new TextDecoder().decode(partsOf(message, 1).at(-1));
}

function errorOf(bytes: Uint8Array): ReflectionAnswer {
  let [code, message] = [2, ''];
  eachField(bytes, (field, reader, wire) => {
    if (field === 1 && wire === WIRE.varint) code = reader.varint();
    else if (field === 2 && wire === WIRE.delimited) message = reader.text();
    else return false;
    return true;
  });
  return { kind: 'error', code, message };
}

/** Every value of a field that is a text, bytes or a message. */
function partsOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  eachField(bytes, (field, reader, wire) => {
    if (field !== wanted || wire !== WIRE.delimited) return false;
    parts.push(reader.delimited());
    return true;
  });
  return parts;
}

function eachField(
  bytes: Uint8Array,
  take: (field: number, reader: WireReader, wire: number) => boolean,
): void {
  const reader = new WireReader(bytes);
  while (reader.pos < bytes.length) {
    const tag = reader.varint();
    if (!take(tag >>> 3, reader, tag & 7)) reader.skip(tag);
  }
}
