import type { Json } from './identity.ts';

/** One type of message, between JSON text (ProtoJSON) and bytes. */
export interface MessageCodec {
  /** `package.Message`. */
  readonly typeName: string;
  /** The bytes of a message. Throws `MessageFault` for a text that is not one. */
  fromJson(text: string): Uint8Array;
  /** The text of a message. Throws `MessageFault` for bytes that are not one. */
  toJson(bytes: Uint8Array): string;
  /** What its JSON looks like (JSON Schema 2020-12), without references to anything outside. */
  jsonSchema(): Json;
}

/** A method of a gRPC service. */
export interface GrpcMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** `package.Service`. */
  readonly service: string;
  readonly name: string;
  /** What its source says of it, or `''`. */
  readonly description: string;
  readonly idempotency: 'unknown' | 'no-side-effects' | 'idempotent';
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
  readonly input: MessageCodec;
  readonly output: MessageCodec;
}

/** The methods of a service, by what is known of it at the moment. */
export interface GrpcSchema {
  readonly methods: readonly GrpcMethod[];
  method(path: string): GrpcMethod | undefined;
}

/** A message that is not what its type says. Its message may be shown to the client. */
export class MessageFault extends Error {
  /** Where: a JSON pointer into the text, or `''`. */
  readonly pointer: string;

  constructor(message: string, pointer = '') {
    super(message);
    this.name = 'MessageFault';
    this.pointer = pointer;
  }
}
