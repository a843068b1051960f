import { hash } from 'node:crypto';
import type { DiscoveryConfig } from '@turnpike/config';
import type { FoundEndpoint } from './endpoint-source.ts';
import { readSavedJson } from './saved-json.ts';
import { sourceAddress } from './source-address.ts';
import { tidyEndpoints } from './tidy-endpoints.ts';

/** The last good set of a service, as it is on disk. */
export interface SavedSet {
  /** Milliseconds since 1970 when the source said so. */
  readonly learnedAtMs: number;
  readonly endpoints: readonly FoundEndpoint[];
}

/** What is written: with the source it came from, because that of another source is worth nothing. */
export function savedSet(config: DiscoveryConfig, { learnedAtMs, endpoints }: SavedSet): object {
  return { source: digestOf(config), learnedAtMs, endpoints };
}

/** What was saved of this source; null: nothing. Rejects when the file is damaged or cannot be read. */
export async function readSavedSet(path: string, config: DiscoveryConfig): Promise<SavedSet | null> {
  const value = await readSavedJson(path);
  if (value === undefined) return null;
  // The digest of the file says that we have written it; what we wrote has this form.
  const saved = value as SavedSet & { readonly source: string };
  if (saved.source !== digestOf(config)) return null;
  return { learnedAtMs: saved.learnedAtMs, endpoints: tidyEndpoints(saved.endpoints).endpoints };
}

/** Without passwords and tokens: nobody shall guess them from a file, and a new one does not make another registry. */
function digestOf(config: DiscoveryConfig): string {
  const rest = {
    ...config,
    username: null,
    password: null,
    token: null,
    urls: null,
    address: sourceAddress(config),
  };
  return hash('sha256', JSON.stringify(rest));
}
