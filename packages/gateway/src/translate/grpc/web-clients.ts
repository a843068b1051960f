import { connectForm } from '../../core/connect-refusal.ts';
import type { Wrapper } from '../../core/exchange.ts';
import { grpcMediaType } from '../../core/grpc-refusal.ts';
import { connectStreaming } from './connect/connect-streaming.ts';
import type { ConnectPlan, ConnectPorts } from './connect/connect-plan.ts';
import { connectUnary } from './connect/connect-unary.ts';
import { grpcWeb } from './web/grpc-web.ts';

/**
 * Lets clients that cannot speak gRPC, such as browsers, call a gRPC service: by gRPC-Web and by Connect. Which of them a client
 * speaks is in the type of its request; gRPC itself passes.
 */
export function webClients(plan: ConnectPlan, ports: ConnectPorts): Wrapper {
  const web = grpcWeb(plan);
  const streaming = connectStreaming(plan, ports);
  const unary = connectUnary(plan, ports);

  return (next) => {
    const asWeb = web(next);
    const asStream = streaming(next);
    const asUnary = unary(next);
    return (exchange) => {
      const grpc = grpcMediaType(exchange.headers.get('content-type'));
      if (grpc === 'application/grpc') return next(exchange);
      if (grpc !== null) return asWeb(exchange);
      const form = connectForm(exchange);
      return form === null || form === 'unary' ? asUnary(exchange) : asStream(exchange);
    };
  };
}
