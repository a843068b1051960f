import { several } from './access-policies.ts';
import type { DiscoveryConfig } from '../resolved.ts';
import { dotted, type Path } from '../path.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

type ResolvedService = ResolvedDocument['services'] extends ReadonlyMap<string, infer S> ? S : never;
type Written = Exclude<ResolvedService['discovery'], null>;
type Key = keyof Written;

const KINDS = ['dns', 'srv', 'file', 'etcd', 'consul', 'kubernetes', 'registry'] as const;
type Kind = (typeof KINDS)[number];

/** What else may stand beside each of them. */
const BESIDE: Readonly<Record<Kind, readonly Key[]>> = {
  dns: ['port', 'resolvers'],
  srv: ['resolvers'],
  file: [],
  etcd: ['prefix', 'username', 'password'],
  consul: ['service', 'tag', 'datacenter', 'token'],
  kubernetes: [],
  registry: [],
};

/** What each of them cannot do without. */
const NEEDS: Readonly<Partial<Record<Kind, Key>>> = { dns: 'port', etcd: 'prefix', consul: 'service' };

/** Exactly one source; none, several, and keys of another one are reported here, because what follows has room for one only. */
export function resolveDiscovery(
  id: string,
  written: Written | null,
  context: Context,
): DiscoveryConfig | null {
  if (written === null) return null;
  const path = ['services', id, 'discovery'];
  const given = KINDS.filter((kind) => written[kind] !== null);
  const [kind] = given;
  const report = reporter(path, context);
  if (kind === undefined) {
    report('MISSING_KEY', `has no source; give it one of ${KINDS.join(', ')}`, []);
    return { kind: 'registry', name: id };
  }
  if (given.length > 1) report('CONFLICT', `has ${given.join(' and ')}; keep one of them`, []);
  else reportStrangers(kind, written, report);
  const needed = NEEDS[kind];
  if (needed !== undefined && written[needed] === null)
    report('MISSING_KEY', `${kind} needs ${needed}`, [kind]);
  return sourceOf(kind, written, { context, path });
}

type Report = (code: 'MISSING_KEY' | 'CONFLICT', message: string, below: Path) => void;

function reporter(path: Path, context: Context): Report {
  return (code, message, below) =>
    context.report({ code, message: `${dotted(path)}: ${message}`, path: [...path, ...below], at: 'key' });
}

function reportStrangers(kind: Kind, written: Written, report: Report): void {
  const known = new Set<string>([kind, ...BESIDE[kind]]);
  for (const [key, value] of Object.entries(written)) {
    const isLeftOut = value === null || (Array.isArray(value) && value.length === 0);
    if (isLeftOut || known.has(key)) continue;
    report('CONFLICT', `${key} has no effect beside ${kind}; remove it`, [key]);
  }
}

interface Place {
  readonly context: Context;
  readonly path: Path;
}

function sourceOf(kind: Kind, written: Written, { context, path }: Place): DiscoveryConfig {
  const file = (key: string, name: string): string => context.absolute([...path, key], name);
  switch (kind) {
    case 'dns':
      return {
        kind,
        name: written.dns ?? '',
        port: written.port ?? 0,
        resolvers: written.resolvers,
      };
    case 'srv':
      return { kind, name: written.srv ?? '', resolvers: written.resolvers };
    case 'file':
      return { kind, path: file('file', written.file ?? '') };
    case 'etcd': {
      const { etcd, prefix, username, password } = written;
      return { kind, urls: several(etcd ?? []), prefix: prefix ?? '', username, password };
    }
    case 'consul': {
      const { consul, service, tag, datacenter, token } = written;
      const tags = several(tag ?? []);
      return { kind, urls: several(consul ?? []), service: service ?? '', tags, datacenter, token };
    }
    case 'kubernetes': {
      const { namespace, service, port, url, tokenFile, authorities } = written.kubernetes ?? NO_KUBERNETES;
      const absolute = (key: string, name: string | null) =>
        name === null ? null : context.absolute([...path, 'kubernetes', key], name);
      return {
        kind,
        url,
        namespace,
        service,
        port,
        tokenFile: absolute('tokenFile', tokenFile),
        authorities: absolute('authorities', authorities),
      };
    }
    case 'registry':
      return { kind, name: written.registry ?? '' };
    default:
      return kind satisfies never;
  }
}

const NO_KUBERNETES = {
  namespace: '',
  service: '',
  port: null,
  url: null,
  tokenFile: null,
  authorities: null,
};
