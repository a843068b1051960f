import type { GrpcWebConfig, TranslateConfig } from '@turnpike/config';
import type { Wrapper } from '../core/exchange.ts';
import type { GrpcSchemas } from '../core/grpc-schema.ts';
import type { Log } from '../core/ports.ts';
import { transcode } from './grpc/transcode/transcode.ts';
import { webClients } from './grpc/web-clients.ts';

/** What translations work with. */
export interface TranslatePorts {
  /** The service that is spoken to. */
  readonly service: string;
  readonly schemas: GrpcSchemas;
  readonly log: Log;
}

/** The one place that knows which translations there are. Null: the service speaks as the caller does. */
export function translation(config: TranslateConfig | null, ports: TranslatePorts): Wrapper | null {
  if (config === null) return null;
  switch (config.kind) {
    case 'grpc-transcode':
      return transcode(config, ports);
    case 'grpc-web':
      return grpcForWeb(config, ports);
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
