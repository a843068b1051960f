import type { GatewayConfig } from '@turnpike/config';
import type { Supervisor } from '@turnpike/gateway';
import { UsageError } from '../exit-codes.ts';
import { explainRequest } from '../explain/explain-request.ts';
import { type CallOf, grpcCalls } from '../grpc-calls.ts';
import { topologyOf } from './topology.ts';

/** A request that somebody describes. */
interface Question {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a gateway knows of itself and tells people. */
export interface Insight {
  /** What would become of a request, as `turnpike explain` says it. */
  /** null: no request can be like that. */
  explain(question: Question): Promise<object | null>;
  topology(): Promise<object>;
  status(): object;
}

/** Looks at a gateway that runs. What takes long to prepare is kept for as long as its configuration stays. */
export function insightInto(gateway: Supervisor): Insight {
  let prepared: { readonly config: GatewayConfig; readonly calls: Promise<CallOf> } | null = null;
  const callsOf = (config: GatewayConfig): Promise<CallOf> => {
    if (prepared?.config !== config) prepared = { config, calls: grpcCalls(config) };
    return prepared.calls;
  };

  return {
    async explain({ method, url, headers }) {
      const { config } = gateway;
      const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      const described = { method, url, headers: fields, listener: undefined };
      try {
        return explainRequest(config, described, await callsOf(config));
      } catch (error) {
        if (error instanceof UsageError) return null;
        throw error;
      }
    },
    topology: async () => topologyOf(gateway.config, byService(gateway.wheel.ports.endpoints())),
    status: () => gateway.wheel.ports.status(),
  };
}

function byService(endpoints: unknown): ReadonlyMap<string, readonly object[]> {
  const list = Array.isArray(endpoints) ? (endpoints as { readonly service: string }[]) : [];
  return Map.groupBy(list, ({ service }) => service);
}
