import type { Command } from '../../command.ts';
import { apply, diff } from './apply.ts';
import { audit } from './audit.ts';
import { exportObjects } from './export.ts';
import { fleet } from './fleet.ts';
import { keys } from './keys.ts';
import { get, put, remove } from './objects.ts';
import { registry } from './registry.ts';
import { revisions, rollback } from './revisions.ts';
import { rollout } from './rollout.ts';
import { tokens } from './tokens.ts';
import { workspaces } from './workspaces.ts';

/** The commands that steer a gateway over its admin API. */
export const STEERING: readonly Command[] = [
  get,
  put,
  remove,
  exportObjects,
  diff,
  apply,
  revisions,
  rollback,
  keys,
  registry,
  fleet,
  rollout,
  audit,
  workspaces,
  tokens,
];
