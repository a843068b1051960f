import type { Json } from './identity.ts';

/** The scalar types of Protocol Buffers, by the words of its language. */
export type ScalarType =
  | 'double'
  | 'float'
  | 'int64'
  | 'uint64'
  | 'int32'
  | 'fixed64'
  | 'fixed32'
  | 'bool'
  | 'string'
  | 'bytes'
  | 'uint32'
  | 'sfixed32'
  | 'sfixed64'
  | 'sint32'
  | 'sint64';

/** A field of a message. */
export interface FieldInfo {
  /** As its source writes it: `user_id`. */
  readonly name: string;
  /** As JSON writes it: `userId`. */
  readonly jsonName: string;
  readonly kind: 'scalar' | 'enum' | 'message' | 'map' | 'list';
  /** Of a scalar; of the elements of a list or the values of a map, if they are scalars. */
  readonly scalar?: ScalarType;
  /** The fields of a message; of the elements of a list or the values of a map, if they are messages. */
  readonly message?: MessageFields;
  /** `package.Type` of messages and enums, also as elements or values; the word of a scalar otherwise. */
  readonly typeName: string;
  /** Whether it is a list. */
  readonly isRepeated: boolean;
}

/** The fields of one type of message. */
export interface MessageFields {
  find(nameOrJsonName: string): FieldInfo | undefined;
}

/** One type of message, between JSON text (ProtoJSON) and bytes. */
export interface MessageCodec {
  /** `package.Message`. */
  readonly typeName: string;
  readonly fields: MessageFields;
  /** The bytes of a message. Throws `MessageFault` for a text that is not one. */
  fromJson(text: string): Uint8Array;
  /** The text of a message. Throws `MessageFault` for bytes that are not one. */
  toJson(bytes: Uint8Array): string;
  /** What its JSON looks like (JSON Schema 2020-12), without references to anything outside. */
  jsonSchema(): Json;
}

/** How a method is called by HTTP (`google.api.http`). Additional bindings are rules of their own, after the first. */
export interface HttpRule {
  /** `GET`; for a custom kind what it says, which may be `*`. */
  readonly method: string;
  /** `/v1/{name=users/*}:cancel`, as it is written. */
  readonly template: string;
  /** `*`, the name of a field, or `''`. */
  readonly body: string;
  /** The name of a field of the reply, or `''`. */
  readonly responseBody: string;
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
  readonly http: readonly HttpRule[];
}

/** The methods of a service, by what is known of it at the moment. */
export interface GrpcSchema {
  readonly methods: readonly GrpcMethod[];
  method(path: string): GrpcMethod | undefined;
}

/** What may differ in the JSON of the same messages. */
export interface JsonOptions {
  /** What becomes of fields in JSON that a message does not have. */
  readonly unknownFields: 'refuse' | 'ignore';
  /** Whether fields that have their default value are written too. */
  readonly emitDefaults: boolean;
  /** How deeply messages, and the objects and lists of any JSON, may lie in each other, both ways. At most 100. */
  readonly maxDepth: number;
}

/** What is known of the gRPC services behind each service of the configuration. */
export interface GrpcSchemas {
  /**
   * What is known at the moment, or null: nothing is said of that service, or its reflection has not answered yet.
   * Costs a look into a map; the same object until its descriptors change. Ask for each request and keep nothing.
   */
  of(service: string, json?: Partial<JsonOptions>): GrpcSchema | null;
  /** Whether nothing is known of it because its reflection has not answered yet. */
  isAwaited(service: string): boolean;
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
