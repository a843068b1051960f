import type { Path } from '../path.ts';
import type { ResolvedDocument } from '../schema/document.ts';
import type { Context } from './context.ts';

/** Descriptors that the configuration names, and where. Paths are absolute. */
export type DescriptorUse =
  | { readonly kind: 'set'; readonly path: string; readonly at: Path }
  | {
      readonly kind: 'protos';
      /** What the compiled set is called in `GatewayConfig.documents`. */
      readonly key: string;
      /** Files and patterns. */
      readonly patterns: readonly { readonly pattern: string; readonly at: Path }[];
      /** Null: the directories of the files. */
      readonly importPaths: readonly string[] | null;
      readonly at: Path;
    };

/** All descriptors of services that are not asked for them. */
export function descriptorUses(
  { services }: Pick<ResolvedDocument, 'services'>,
  absolute: Context['absolute'],
): DescriptorUse[] {
  return Array.from(services).flatMap(([id, { grpc }]): DescriptorUse[] => {
    const { descriptors = null, protos = null, importPaths = null } = grpc ?? {};
    const at = ['services', id, 'grpc'];
    // What is empty was told already.
    if (descriptors)
      return [
        { kind: 'set', path: absolute([...at, 'descriptors'], descriptors), at: [...at, 'descriptors'] },
      ];
    if (protos === null || protos.length === 0) return [];
    return [
      {
        kind: 'protos',
        key: compiledKey(id),
        patterns: protos.flatMap((written, index) => {
          const place = [...at, 'protos', index];
          return written === '' ? [] : [{ pattern: absolute(place, written), at: place }];
        }),
        importPaths: importPaths?.map((path, index) => absolute([...at, 'importPaths', index], path)) ?? null,
        at: [...at, 'protos'],
      },
    ];
  });
}

/** What a compiled set is called among the documents. No path is the same. */
export function compiledKey(service: string): string {
  return `services.${service}.grpc.protos`;
}
