import type { Draft } from '../issue.ts';
import type { Path } from '../path.ts';
import type { PluginFacts } from '../resolved-plugins.ts';
import type { GatewayConfig, Origin } from '../resolved.ts';

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
  /** What the files of plugins say of themselves, by absolute path, as far as somebody has loaded them. */
  readonly plugins: Readonly<Record<string, PluginFacts>>;
  /** The policies of `defaults` as they are written: the same object for as long as nobody has written others. */
  readonly writtenDefaults: unknown;
  readonly report: (draft: Draft) => void;
}
