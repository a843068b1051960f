import type { GatewayConfig, Issue } from '@turnpike/config';
import { type LoadedFiles, type Path, pointerOf } from '@turnpike/config/load';
import { insecureSettings } from './insecure-settings.ts';
import { exposedSecrets } from './exposed-secrets.ts';
import { shadowedRoutes } from './shadowed-routes.ts';
import { unknownMetadata } from './unknown-metadata.ts';
import { unlikelyMatches } from './unlikely-matches.ts';
import { unreachableRules } from './unreachable-rules.ts';

/** Something that is allowed and most likely not meant. */
export interface Advice {
  readonly code: Extract<Issue['code'], 'INSECURE' | 'NO_EFFECT'>;
  readonly message: string;
  /** In the document. */
  readonly path: Path;
}

/** Looks at one side of a configuration and the document that it was written in. */
export type Auditor = (config: GatewayConfig, written: LoadedFiles['written']) => readonly Advice[];

const AUDITORS: readonly Auditor[] = [
  shadowedRoutes,
  unlikelyMatches,
  unreachableRules,
  unknownMetadata,
  insecureSettings,
  exposedSecrets,
];

/**
 * What `check` warns of beside what makes a configuration unusable: it costs more than a reload should, and a gateway that has
 * served with it for a year would not want to hear of it at each start.
 */
export function auditIssues(config: GatewayConfig, written: LoadedFiles['written']): Issue[] {
  const told = new Set<string>();
  return AUDITORS.flatMap((audit) => audit(config, written)).flatMap(({ code, message, path }) => {
    // What the defaults say is found on every route.
    const key = `${pointerOf(path)} ${message}`;
    if (told.has(key)) return [];
    told.add(key);
    const place = written.locate(path, 'key');
    return [{ code, message, ...place, pointer: pointerOf(path), severity: 'warning' }];
  });
}
