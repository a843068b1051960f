import type { GrpcTranscodeConfig } from '@turnpike/config';
import type { Exchange, Handler, Reply, Wrapper } from '../../../core/exchange.ts';
import type { GrpcSchema, GrpcSchemas } from '../../../core/grpc-schema.ts';
import type { Log } from '../../../core/ports.ts';
import { refuse } from '../../../core/problem.ts';
import { askTranslated } from '../../../core/translated-call.ts';
import { compileBindings, type Bindings } from './bindings.ts';
import { callBody } from './call-body.ts';
import { callHeaders } from './grpc-headers.ts';
import { invalid, unknownMethod, unknownPath, unknownSchema } from './refusals.ts';
import { requestFields } from './request-fields.ts';
import { streamReply } from './stream-reply.ts';
import { unaryReply } from './unary-reply.ts';

/** What the translation works with. */
export interface TranscodePorts {
  /** The service that is called. */
  readonly service: string;
  readonly schemas: GrpcSchemas;
  readonly log: Log;
}

/**
 * Between HTTP with JSON, as clients speak it here, and gRPC, as the service does, by `google.api.http`.
 *
 * 1. The method of the service is found by the method and the path that the service would see. 2. Its message is made of the path,
 * the query and the body. 3. What is inside of this sees a call of gRPC; what is outside never does, whether it succeeds or fails.
 * 4. The reply is JSON, or a problem made of the status of the call.
 */
export function transcode(config: GrpcTranscodeConfig, { service, schemas, log }: TranscodePorts): Wrapper {
  const { messageBytes, streamAs, unknownFields, emitDefaults } = config;
  const json = { unknownFields, emitDefaults };
  const bindingsOf = remembered((schema) => {
    const bindings = compileBindings(schema, config.rules);
    for (const problem of bindings.problems)
      log.warn('a rule of HTTP for gRPC is left out', { service, problem });
    return bindings;
  });

  async function serve(exchange: Exchange, schema: GrpcSchema, next: Handler): Promise<Reply> {
    const found = bindingsOf(schema).matcher.find(exchange.method, exchange.targetPath); // 1
    if (found.kind === 'unknown-path') return unknownPath(exchange);
    if (found.kind === 'unknown-method') return unknownMethod(exchange, found.allow);
    const { value: binding, segments } = found;
    const fields = requestFields(binding, { segments, query: exchange.targetQuery }, config); // 2
    if (!(fields instanceof Uint8Array)) return invalid(exchange, fields);
    const call = await callBody(exchange, { binding, fields, messageBytes });
    if (call.kind === 'refused') return call.reply;
    const request = { headers: callHeaders(exchange.headers), body: call.body, path: binding.method.path };
    const reply = await askTranslated(exchange, request, next); // 3
    if (reply.code !== '') return asClientsOwn(exchange, reply);
    if (!binding.method.serverStreaming) return unaryReply(exchange, reply, { binding, messageBytes }); // 4
    const accept = exchange.headers.getList('accept');
    return streamReply(exchange, reply, { binding, messageBytes, streamAs, accept });
  }

  return (next) => (exchange) => {
    const schema = schemas.of(service, json);
    return schema === null ? Promise.resolve(unknownSchema(exchange)) : serve(exchange, schema, next);
  };
}

/** Works out again only what is new: a schema is the same until its descriptors change. */
function remembered(compile: (schema: GrpcSchema) => Bindings): (schema: GrpcSchema) => Bindings {
  let last: { readonly schema: GrpcSchema; readonly bindings: Bindings } | null = null;
  return (schema) => {
    if (last?.schema !== schema) last = { schema, bindings: compile(schema) };
    return last.bindings;
  };
}

/** A refusal that was written for a caller of gRPC, as the client reads it. */
function asClientsOwn(exchange: Exchange, reply: Reply): Reply {
  if (reply.code === '') return reply;
  const { code, httpStatus, headers } = reply;
  const retryAfter = headers.get('retry-after');
  return refuse(exchange, code, {
    ...(httpStatus !== undefined && { status: httpStatus }),
    ...(retryAfter !== undefined && { fields: [['Retry-After', retryAfter]] }),
  });
}
