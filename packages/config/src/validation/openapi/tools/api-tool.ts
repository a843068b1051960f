import type { JsonObject } from '../../json.ts';

/** An operation as something that a model may call: what it is told of it, and how its arguments become a request. */
export interface ApiTool {
  /** `[A-Za-z0-9_.-]{1,128}` (MCP 2026-07-28, Tool Names). */
  readonly name: string;
  /** Short; `''`: none. */
  readonly title: string;
  readonly description: string;
  readonly method: string;
  /** Of the operation, with its parameters in braces. */
  readonly template: string;
  /** Of all arguments, as one object, without references. */
  readonly inputSchema: JsonObject;
  /** Of the answer; null: it is not described, or no JSON. */
  readonly outputSchema: JsonObject | null;
  readonly annotations: ToolAnnotations;
  readonly parameters: readonly ToolParameter[];
  readonly body: ToolBody | null;
}

/** What a client may tell its user of a tool. */
export interface ToolAnnotations {
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
}

/** An argument that goes into the head of the request. */
export interface ToolParameter {
  readonly argument: string;
  /** In the request. */
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly style: 'simple' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
  readonly explode: boolean;
  /** It is written as JSON, because the document gives it a media type. */
  readonly isJson: boolean;
}

/** How the body of the request is made. */
export interface ToolBody {
  /** Value of `Content-Type`. */
  readonly contentType: string;
  readonly form: 'json' | 'urlencoded' | 'text';
  /** The argument that is the whole body; null: it is put together of `fields`. */
  readonly argument: string | null;
  readonly fields: readonly { readonly argument: string; readonly name: string }[];
}

/** An operation that no tool can be made of. */
export interface ToolProblem {
  /** JSON Pointer into the document. */
  readonly pointer: string;
  /** Completes "`/paths/~1a/get` …". */
  readonly message: string;
}
