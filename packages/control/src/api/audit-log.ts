import type { AuditEntry } from '../domain/fleet.ts';
import type { Call } from './operation.ts';
import type { ApiPorts } from './ports.ts';

type Who = Pick<Call<unknown, unknown, unknown>, 'caller' | 'address'>;

/** What happened. */
export type Deed = Pick<AuditEntry, 'action' | 'target' | 'workspace'> &
  Partial<Pick<AuditEntry, 'outcome' | 'revision' | 'detail'>>;

/** Writes down who did what. */
export interface Audit {
  done(who: Who, deed: Deed): Promise<void>;
  refused(who: Who, deed: Pick<AuditEntry, 'target' | 'detail'>): Promise<void>;
}

/**
 * The audit log of what callers of this API do. What cannot be written is told in the program's log instead: the change was made,
 * and an answer that says otherwise would have it made twice.
 */
export function auditLog({ store, clock, log }: Pick<ApiPorts, 'store' | 'clock' | 'log'>): Audit {
  const add = async ({ caller, address }: Who, deed: Deed): Promise<void> => {
    const entry = { outcome: 'done', revision: null, detail: '', ...deed } as const;
    const about = { at: clock.epoch(), author: caller.name, address };
    try {
      await store.audit.add({ ...about, ...entry });
    } catch (error) {
      log.warn('the audit log could not be written', { ...about, ...entry, error });
    }
  };
  return {
    done: add,
    refused: (who, deed) =>
      add(who, { ...deed, action: 'access.refused', workspace: null, outcome: 'refused' }),
  };
}
