import type { ApiTool, Fault } from '@turnpike/config/validation';
import type { McpConfig, McpToolsConfig } from '@turnpike/config';
import type { DecisionsOf } from '../../core/decisions.ts';
import type { Handler } from '../../core/exchange.ts';
import type { GrpcSchema } from '../../core/grpc-schema.ts';
import type { McpMessages } from '../../core/mcp/message.ts';
import type { Clock, Log } from '../../core/ports.ts';
import type { TimingWheel } from '../../core/timing-wheel.ts';

/** How the call of a tool ended: with a result, with one that says what went wrong, or not at all. */
export type CallOutcome = 'ok' | 'error' | 'refused';

/** What is known of a route. */
export interface McpPlan {
  readonly config: McpConfig;
  readonly route: string;
  /** Whether callers prove here who they are. */
  readonly isIdentified: boolean;
  /** Whether `Authorization` of an exchange that comes here is one that we made for services. */
  readonly ownsCredentials: boolean;
}

/** What an endpoint works with. */
export interface McpPorts {
  /** The rest of the way to a service. */
  readonly towards: (service: string) => Handler;
  /** The same for a gRPC service, whose methods are called by `POST /package.Service/Method` with JSON. */
  readonly towardsMethods: (service: string) => Handler;
  readonly messages: McpMessages;
  readonly tools: ToolSources;
  /** Signs sessions of older clients; null: they are not told of any. */
  readonly sessionKey: Uint8Array | null;
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  readonly log: Log;
  readonly decisions: DecisionsOf;
  /** How callers may say who they are: values of `WWW-Authenticate`. */
  readonly challenges: readonly string[];
  /** `''`: a tool that nobody has heard of. */
  readonly countCall: (tool: string, outcome: CallOutcome) => void;
}

/** Where the descriptions of tools come from. */
export interface ToolSources {
  readonly api: (source: Extract<McpToolsConfig, { kind: 'openapi' }>) => readonly ApiTool[];
  /** Null: nothing is known of the service at the moment. The same object until something else is known. */
  readonly grpc: (service: string) => GrpcSchema | null;
  /** Compiled when it is first used. */
  readonly check: (schema: object) => (value: unknown) => readonly Fault[];
}
