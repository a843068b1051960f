/** Between the protocol of callers and that of the service. */
export type TranslateConfig = GrpcTranscodeConfig | GrpcWebConfig | GraphqlOperationConfig | SoapConfig;

/** HTTP and JSON to one operation of a GraphQL service. */
export interface GraphqlOperationConfig {
  readonly kind: 'graphql';
  /** A key of `documents`, whose text is an object of texts by id with this operation in it. */
  readonly document: string;
  /** Null: the only one. */
  readonly id: string | null;
  /** The field of `data` that is the answer; null: all of `data`. */
  readonly field: string | null;
  readonly messageBytes: number;
  /** Names of the parameters of the path. */
  readonly parameters: readonly string[];
}

/** HTTP and JSON to SOAP. */
export interface SoapConfig {
  readonly kind: 'soap';
  readonly version: 'soap1.1' | 'soap1.2';
  /** Of the elements in the body. */
  readonly namespace: string;
  /** The element in the body. */
  readonly operation: string;
  /** `''`: none is named. */
  readonly action: string;
  /** The members that there are, in the order in which the service wants them; empty: any, as they come. */
  readonly members: readonly string[];
  /** Elements that are lists even if there is one. */
  readonly lists: readonly string[];
  /** Of one message, both ways. */
  readonly messageBytes: number;
  /** Names of the parameters of the path. */
  readonly parameters: readonly string[];
}

/** gRPC-Web and Connect to gRPC. */
export interface GrpcWebConfig {
  readonly kind: 'grpc-web';
  readonly unknownFields: 'refuse' | 'ignore';
  readonly emitDefaults: boolean;
  /** Of one message, both ways. */
  readonly messageBytes: number;
  /** Which methods Connect clients may call by GET. */
  readonly connectGet: 'safe' | 'any' | 'none';
  /** Whether unary requests of Connect have to name its version. */
  readonly connectVersion: 'optional' | 'required';
}

/** HTTP and JSON to gRPC. */
export interface GrpcTranscodeConfig {
  readonly kind: 'grpc-transcode';
  readonly unknownQuery: 'refuse' | 'ignore';
  readonly ignoredQuery: readonly string[];
  readonly unknownFields: 'refuse' | 'ignore';
  readonly emitDefaults: boolean;
  /** Of one message, both ways. */
  readonly messageBytes: number;
  readonly streamAs: 'array' | 'ndjson' | 'sse';
  /** Instead of annotations; the last of a selector counts. */
  readonly rules: readonly HttpRulesConfig[];
}

/** How one method is called by HTTP. */
export interface HttpRulesConfig {
  /** `package.Service.Method`. */
  readonly selector: string;
  /** One at least; those after the first are additional bindings. */
  readonly bindings: readonly HttpBindingConfig[];
}

/** One way to call a method by HTTP (`google.api.HttpRule`). */
export interface HttpBindingConfig {
  readonly method: string;
  readonly template: string;
  readonly body: string;
  readonly responseBody: string;
}
