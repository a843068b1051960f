import { CODINGS, WORTH_COMPRESSING } from '../compressible.ts';
import type { PoliciesConfig } from '../resolved.ts';
import type { CompressConfig, FieldChanges, TransformConfig } from '../resolved/messages.ts';
import { isActive, type WrittenPolicies } from './access-policies.ts';

type Messages = Pick<PoliciesConfig, 'transform' | 'compress'>;

/** A route that lets everything through as it is. */
export const NO_CHANGES: Messages = { transform: null, compress: null };

/** What `compress: on` means. */
const SENSIBLE: CompressConfig = {
  mode: 'on',
  codings: CODINGS,
  minBytes: 1024,
  types: WORTH_COMPRESSING,
};

/** How messages change: a route's policies over the defaults. */
export function resolveMessages(own: WrittenPolicies, defaults: WrittenPolicies): Messages {
  return {
    transform: resolveTransform(own.transform ?? defaults.transform),
    compress: resolveCompress(own.compress ?? defaults.compress),
  };
}

function resolveTransform(policy: WrittenPolicies['transform']): TransformConfig | null {
  if (policy === 'off' || !isActive(policy)) return null;
  const { mode, request, response } = policy;
  const { set, remove } = request.query;
  return {
    mode,
    request: { headers: changes(request.headers), query: { set: [...set], remove } },
    response: { headers: changes(response.headers) },
  };
}

function changes({ set, add, remove }: WrittenChanges): FieldChanges {
  return { set: [...set], add: [...add], remove };
}

interface WrittenChanges {
  readonly set: ReadonlyMap<string, string>;
  readonly add: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
}

function resolveCompress(policy: WrittenPolicies['compress']): CompressConfig | null {
  if (policy === 'on') return SENSIBLE;
  if (policy === 'off' || !isActive(policy)) return null;
  const { mode, codings, minBytes, types } = policy;
  return { mode, codings, minBytes, types };
}
