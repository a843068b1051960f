import type { Draft } from '../issue.ts';
import type { Check } from './check.ts';

/** Endpoints of gRPC have nothing but HTTP/2. */
export const grpcHasHttp2: Check = ({ services }) =>
  services.flatMap(({ id, endpoints, connections }): Draft[] => {
    const grpc = endpoints.find(({ protocol }) => protocol.startsWith('grpc'));
    if (grpc === undefined || connections.http2 !== 'never') return [];
    const message = `services.${id}: connections.http2 is never, but ${grpc.url} speaks nothing else; leave it out, or write http:// or https://`;
    return [{ code: 'CONFLICT', message, path: ['services', id, 'connections', 'http2'] }];
  });

/** Checks with `http` are HTTP/1.1: all endpoints would be down. */
export const checksAreUnderstood: Check = ({ services }) =>
  services.flatMap(({ id, endpoints, health }): Draft[] => {
    const grpc = endpoints.find(({ protocol }) => protocol.startsWith('grpc'));
    if (grpc === undefined || health?.probe.kind !== 'http' || health.port !== null) return [];
    const message = `services.${id}: health.type http asks over HTTP/1.1, which ${grpc.url} does not speak; set type: grpc or tcp, or a port for checks`;
    return [{ code: 'CONFLICT', message, path: ['services', id, 'health'], at: 'key' }];
  });
