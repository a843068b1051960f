import { servicesOf, type GatewayConfig, type RouteConfig } from '@turnpike/config';
import type { GrpcSchema } from './core/grpc-schema.ts';
import { openApiOf, type OpenApi } from './translate/grpc/transcode/openapi.ts';

/** Whose API it is, and what its document says of itself. */
export interface ServiceApiPlan {
  readonly service: string;
  readonly title: string;
  readonly version: string;
}

/** The API that clients of HTTP see of a gRPC service, by the first route that transcodes to it. */
export function serviceApi(
  { routes }: Pick<GatewayConfig, 'routes'>,
  schema: GrpcSchema,
  { service, title, version }: ServiceApiPlan,
): OpenApi {
  const route = routes.find(
    ({ target, translate }) => translate?.kind === 'grpc-transcode' && servicesOf(target).includes(service),
  );
  const rules = route?.translate?.kind === 'grpc-transcode' ? route.translate.rules : [];
  return openApiOf(schema, { title, version, prefix: prefixOf(route), rules });
}

/** What the route takes off the front of paths, clients put there. */
function prefixOf(route: RouteConfig | undefined): string {
  const prefix = route?.rewrite?.stripPrefix ?? '';
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}
