import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { PluginFacts } from '../resolved/plugins.ts';
import type { GatewayConfig, Origin } from '../resolved.ts';

/** What a certificate says of itself. */
export interface CertificateFacts {
  /** Host names, in lower case. */
  readonly names: readonly string[];
  /** When the first of its chain ends, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** What resolving needs from outside. */
export interface Context {
  /** Where a section or an entry of one is written. */
  readonly originOf: (section: string, entry?: string) => Origin;
  /** Makes a path of a file absolute; it is relative to the file that names it. */
  readonly absolute: (at: Path, path: string) => string;
  /** The same, for what is relative to the main configuration file, whoever names it. */
  readonly absoluteToMain: (path: string) => string;
  /** Texts of files that the configuration names, by absolute path: those that could be read (`load/documents.ts`). */
  readonly documents: GatewayConfig['documents'];
  /** SHA-256 of files that the configuration only names, by absolute path, where they could be read. */
  readonly digests: Readonly<Record<string, string>>;
  /** What certificates say of themselves, by absolute path, or by `certificateKey`, as far as they could be read. */
  readonly certificates: Readonly<Record<string, CertificateFacts>>;
  /** What the files of plugins say of themselves, by absolute path, as far as somebody has loaded them. */
  readonly plugins: Readonly<Record<string, PluginFacts>>;
  readonly report: (draft: Draft) => void;
}
