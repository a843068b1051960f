import type { ExternalAuthorizationConfig } from '@turnpike/config';
import type { DecisionClient } from './decision-client.ts';
import { DecisionPoint, type DecisionPorts } from './decision-point.ts';
import { GrpcDecisions } from './grpc-decisions.ts';
import { HttpDecisions } from './http-decisions.ts';

/** How a service that authorizes is reached. */
export type OpenDecisions = (config: ExternalAuthorizationConfig) => DecisionClient;

/** Configurations that are kept: each reload may bring new ones. */
const MOST = 64;

/**
 * The services that authorize, as this thread knows them. Routes with the same configuration share one, with its connections
 * and what it has decided, and keep it when the configuration is loaded again.
 */
export class DecisionPoints {
  readonly #ports: DecisionPorts;
  readonly #openClient: OpenDecisions;
  /** The one that was asked for last is last. */
  readonly #points = new Map<string, DecisionPoint>();

  constructor(ports: DecisionPorts, openClient: OpenDecisions = overNetwork) {
    this.#ports = ports;
    this.#openClient = openClient;
  }

  of(config: ExternalAuthorizationConfig): DecisionPoint {
    const key = JSON.stringify(config);
    const point = this.#points.get(key) ?? this.#open(config);
    this.#points.delete(key);
    this.#points.set(key, point);
    const [oldest] = this.#points;
    if (this.#points.size > MOST && oldest !== undefined) {
      this.#points.delete(oldest[0]);
      oldest[1].close();
    }
    return point;
  }

  /** Closes the connections that nobody uses. */
  close(): void {
    for (const point of this.#points.values()) point.close();
  }

  #open(config: ExternalAuthorizationConfig): DecisionPoint {
    return new DecisionPoint(config, this.#openClient(config), this.#ports);
  }
}

function overNetwork(config: ExternalAuthorizationConfig): DecisionClient {
  return config.protocol === 'grpc' ? new GrpcDecisions(config) : new HttpDecisions(config);
}
