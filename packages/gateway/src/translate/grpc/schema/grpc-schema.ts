import type { DescMethod, Descriptors } from '@turnpike/config/descriptors';
import type { GrpcMethod, GrpcSchema, JsonOptions } from '../../../core/grpc-schema.ts';
import { httpRules } from './http-rules.ts';
import { type CodecFactory, DEFAULT_JSON, messageCodecs } from './message-codecs.ts';

/** The schema of a set, for each way to write its JSON. Compiles nothing before it is used. */
export type SchemaFactory = (json?: Partial<JsonOptions>) => GrpcSchema;

/** Few ways are configured; what is more is made and not remembered. */
const MAX_WAYS = 50;

/** What is known of the services of a set of descriptors. */
export function grpcSchemaOf(descriptors: Descriptors): SchemaFactory {
  const codecs = messageCodecs(descriptors);
  const known = new Map<string, GrpcSchema>();
  return (json = {}) => {
    const options = { ...DEFAULT_JSON, ...json };
    const key = `${options.unknownFields} ${options.emitDefaults} ${options.maxDepth}`;
    const schema = known.get(key) ?? schemaOf(descriptors, codecs, options);
    if (known.size < MAX_WAYS) known.set(key, schema);
    return schema;
  };
}

function schemaOf(descriptors: Descriptors, codecs: CodecFactory, options: JsonOptions): GrpcSchema {
  const methods = descriptors.services.flatMap((service) =>
    service.methods.map((method) => grpcMethod(method, descriptors, (desc) => codecs(desc, options))),
  );
  const byPath = new Map(methods.map((method) => [method.path, method]));
  return { methods, method: (path) => byPath.get(path) };
}

/** By `MethodOptions.IdempotencyLevel`. */
const IDEMPOTENCY: readonly GrpcMethod['idempotency'][] = ['unknown', 'no-side-effects', 'idempotent'];

function grpcMethod(
  method: DescMethod,
  descriptors: Descriptors,
  codecOf: (desc: DescMethod['input']) => GrpcMethod['input'],
): GrpcMethod {
  const { name, methodKind, parent } = method;
  return {
    path: `/${parent.typeName}/${name}`,
    service: parent.typeName,
    name,
    description: descriptors.commentOf(method),
    idempotency: IDEMPOTENCY[method.idempotency] ?? 'unknown',
    clientStreaming: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    serverStreaming: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    input: codecOf(method.input),
    output: codecOf(method.output),
    http: httpRules(method),
  };
}
