import { servicesOf, type GatewayConfig, type RouteConfig } from '@turnpike/config';
import { compileBindings, offlineSchema, type Bindings } from './gateway.ts';

/** What a request of HTTP becomes for a service that speaks gRPC. */
export type CallOf = (route: RouteConfig, method: string, path: string) => string;

/** Nothing is translated. */
export const NO_CALLS: CallOf = () => 'unknown';

/** Knows the methods behind all routes that translate. The library for descriptors is only loaded where one does. */
export async function grpcCalls(config: GatewayConfig): Promise<CallOf> {
  const translating = config.routes.filter(({ translate }) => translate?.kind.startsWith('grpc'));
  if (translating.length === 0) return NO_CALLS;
  const { openDescriptors } = await import('@turnpike/config/descriptors');
  const byRoute = new Map<string, Bindings>();
  for (const { id, target, translate } of translating) {
    const [service = ''] = servicesOf(target);
    const schema = offlineSchema(config, service, openDescriptors);
    if (schema !== null && translate?.kind === 'grpc-transcode')
      byRoute.set(id, compileBindings(schema, translate.rules));
  }
  return ({ id, translate }, method, path) =>
    translate?.kind === 'grpc-web'
      ? path.slice(1).replace('/', '.')
      : callText(byRoute.get(id), method, path);
}

function callText(bindings: Bindings | undefined, method: string, path: string): string {
  if (bindings === undefined) return 'only the service itself knows its methods (reflection)';
  const found = bindings.matcher.find(method, path);
  if (found.kind === 'unknown-path') return 'no method has this path: 404';
  if (found.kind === 'unknown-method') return `this path is for ${found.allow}: 405`;
  const { method: called, verb, template } = found.value;
  return `${called.service}.${called.name}, by ${verb} ${template.text}`;
}
