import type { LogComponent } from '../log-components.ts';

/** The form of a line of the access log: ours, Elastic Common Schema, or the formats of NCSA httpd. */
export type LogFormat = 'json' | 'ecs' | 'common' | 'combined';

/** One access log. There may be several, each to a place of its own. */
export interface AccessLogConfig {
  readonly format: LogFormat;
  readonly to: LogDestination;
  /** Only of files; null: others rotate them, or nobody. */
  readonly rotate: LogRotationConfig | null;
  readonly fields: readonly LogFieldConfig[];
  /** Which share of the requests without error that were not slow is written, 0..1. */
  readonly sampleRate: number;
  /** From here on a request is slow, and always written. */
  readonly slowMs: number;
  /** Headers, parameters of the query and cookies whose values no line shows; in lower case, with those that always hold. */
  readonly redact: readonly string[];
}

/** Where a log goes; the path is absolute. */
export type LogDestination =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'stderr' }
  | { readonly kind: 'file'; readonly path: string }
  /** A collector of OpenTelemetry, by its base address; null: what the environment says. */
  | { readonly kind: 'otlp'; readonly endpoint: string | null };

/** When a new file is begun, and what becomes of the old. */
export interface LogRotationConfig {
  /** Null: it may be as large as it likes. */
  readonly sizeBytes: number | null;
  /** Null: it may be as old as it likes. */
  readonly everyMs: number | null;
  /** Old files that stay. */
  readonly keep: number;
  readonly gzip: boolean;
}

/** A field that users add to each line. */
export interface LogFieldConfig {
  readonly name: string;
  readonly source: LogFieldSource;
}

/** Where its value comes from: text with placeholders, or an expression in CEL that may name `response`. */
export type LogFieldSource =
  | { readonly kind: 'template'; readonly text: string }
  | { readonly kind: 'rule'; readonly rule: string };

/** How much an entry of the program log matters. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The log of the program. */
export interface ProgramLogConfig {
  /** Null: what the command line says. */
  readonly level: LogLevel | null;
  /** Of parts of the program with a level of their own. */
  readonly components: Readonly<Partial<Record<LogComponent, LogLevel>>>;
  /** `auto`: text on a terminal, JSON elsewhere. */
  readonly format: 'auto' | 'json' | 'text';
}
