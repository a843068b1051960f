import type { GrpcWebConfig, TranslateConfig } from '@turnpike/config';
import type { Wrapper } from '../core/exchange.ts';
import type { GrpcSchema, GrpcSchemas } from '../core/grpc-schema.ts';
import type { Log } from '../core/ports.ts';
import { graphqlOperation, type OperationPorts } from './graphql/graphql-operation.ts';
import { transcode } from './grpc/transcode/transcode.ts';
import { webClients } from './grpc/web-clients.ts';
import { soap, type SoapPorts } from './soap/soap.ts';

/** What translations work with. */
export interface TranslatePorts {
  /** The service that is spoken to. */
  readonly service: string;
  readonly schemas: GrpcSchemas;
  readonly log: Log;
  readonly graphql: OperationPorts;
  readonly soap: SoapPorts;
}

/** The one place that knows which translations there are. Null: the service speaks as the caller does. */
export function translation(config: TranslateConfig | null, ports: TranslatePorts): Wrapper | null {
  if (config === null) return null;
  switch (config.kind) {
    case 'grpc-transcode':
      return transcode(config, ports);
    case 'grpc-web':
      return grpcForWeb(config, ports);
    case 'graphql':
      return graphqlOperation(config, ports.graphql);
    case 'soap':
      return soap(config, ports.soap);
    default:
      return config satisfies never;
  }
}

function grpcForWeb(config: GrpcWebConfig, { service, schemas }: TranslatePorts): Wrapper {
  const { messageBytes, unknownFields, emitDefaults } = config;
  return webClients(
    { messageBytes, requiresVersion: config.connectVersion === 'required', get: config.connectGet },
    {
      schema: () => schemas.of(service, { unknownFields, emitDefaults }),
      isAwaited: () => schemas.isAwaited(service),
    },
  );
}

/** The largest message of a call that is made with JSON of our own (gRPC's default). */
const MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * Every method of a service by `POST /package.Service/Method` with JSON, whatever its annotations say: for callers inside, such as
 * the tools of MCP. Replies have all fields, so that a reader who knows no schema sees what there is.
 */
export function methodCalls(ports: Pick<TranslatePorts, 'service' | 'schemas' | 'log'>): Wrapper {
  const bare = new WeakMap<GrpcSchema, GrpcSchema>();
  const schemas: GrpcSchemas = {
    of(service, json) {
      const schema = ports.schemas.of(service, json);
      if (schema === null) return null;
      const known = bare.get(schema) ?? withoutAnnotations(schema);
      bare.set(schema, known);
      return known;
    },
    isAwaited: (service) => ports.schemas.isAwaited(service),
  };
  const json = {
    unknownQuery: 'refuse',
    ignoredQuery: [],
    unknownFields: 'refuse',
    emitDefaults: true,
  } as const;
  const rules = { messageBytes: MESSAGE_BYTES, streamAs: 'array', rules: [] } as const;
  return transcode({ kind: 'grpc-transcode', ...json, ...rules }, { ...ports, schemas });
}

function withoutAnnotations(schema: GrpcSchema): GrpcSchema {
  const methods = schema.methods.map((method) => ({ ...method, http: [] }));
  const byPath = new Map(methods.map((method) => [method.path, method]));
  return { methods, method: (path) => byPath.get(path) };
}
