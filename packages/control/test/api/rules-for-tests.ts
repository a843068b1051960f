import { createLoader } from '@turnpike/config/load';
import type { RulesPort } from '../../src/api/ports.ts';
import { sealer as sealerOf } from '../../src/db/sealing.ts';
import { readDocument, writeDocument, writeDocumentYaml } from '../../src/domain/documents.ts';
import { fieldsOf } from '../../src/domain/fields.ts';
import { isObject } from '../../src/domain/json.ts';
import { type JsonObject, KINDS, type StoredObject } from '../../src/domain/objects.ts';
import { judge } from '../../src/domain/plan.ts';
import { type Steering, steeredLoad } from '../../src/domain/quarantine.ts';
import { hide, openDocument } from '../../src/domain/secrets.ts';
import { shadowedOf, statusOf, type Steered } from '../../src/domain/statuses.ts';
import { memoryFiles } from '../../src/domain/steering-testing.ts';
import type { Store } from '../../src/domain/store.ts';

const BILLING = `
openapi: 3.1.0
info: { title: Billing, version: '1' }
paths: { /invoices: { get: { responses: { '200': { description: Invoices } } } } }
`;

/** The rules of the domain over one file in memory: the real loader, checks, plans and sealing. */
export async function rulesOver(yaml: string, store: Store): Promise<RulesPort> {
  const sealer = sealerOf(['a key of tests that is long enough, 32 and more']);
  const load = createLoader({
    env: {},
    files: memoryFiles({ '/g.yaml': yaml, '/specs/billing.yaml': BILLING }),
  });
  const steering: Steering = {
    load,
    paths: ['/g.yaml'],
    history: async (ref) => (await store.objects.history(ref, { limit: 5, after: null })).items,
    open: (ref, document) => openDocument(ref, document, sealer),
  };
  const { loaded } = await steeredLoad(steering, []);
  if (loaded.config === null) throw new Error(JSON.stringify(loaded.issues));

  /** What is there is loaded once, as the gateway has it anyway. */
  const steeredOf = new WeakMap<readonly StoredObject[], Steered>();

  const fileObjects: RulesPort['fileObjects'] = (kind) =>
    loaded.entriesIn(kind).map(({ name, value, origin: { file, line } }) => {
      return { kind, name, document: hide({ kind }, isObject(value) ? value : {}), file, line };
    });

  return {
    async judge(now, wishes) {
      const workspaces = await store.workspaces.list();
      const steered = steeredOf.get(now) ?? (await steeredLoad(steering, now));
      steeredOf.set(now, steered);
      return judge(wishes, { steering, sealer, now, workspaces, steered });
    },
    shown: (ref, document) => hide(ref, document),
    fields: (change) => {
      const open = (document: JsonObject | null) =>
        document === null ? null : openDocument(change, document, sealer);
      return fieldsOf({ ...change, before: open(change.before), after: open(change.after) });
    },
    readDocument,
    writeDocument,
    writeYaml: (document) => writeDocumentYaml(document),
    fileObject: ({ kind, name }) => fileObjects(kind).find((one) => one.name === name) ?? null,
    fileObjects: (kind) => [...fileObjects(kind)].sort((a, b) => (a.name < b.name ? -1 : 1)),
    status: (object) => {
      const { state, reason, usedRevision } = statusOf(
        { loaded, exceptions: shadowedOf([object], loaded) },
        object,
      );
      return { state, reason, usedRevision };
    },
    effective: () => {
      const sections = KINDS.map((kind) => [
        kind,
        Object.fromEntries(fileObjects(kind).map(({ name, document }) => [name, document])),
      ]);
      return Object.fromEntries(sections) as JsonObject;
    },
  };
}
