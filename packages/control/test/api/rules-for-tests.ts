import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Issue } from '@turnpike/config';
import { createLoader, type Loaded } from '@turnpike/config/load';
import { parse, stringify } from 'yaml';
import type { RulesPort, Wish } from '../../src/api/ports.ts';
import { fieldsOf } from '../../src/domain/fields.ts';
import { isEqual } from '../../src/domain/json.ts';
import { type JsonObject, KINDS, type Kind, type StoredObject } from '../../src/domain/objects.ts';
import type { Sealer } from '../../src/domain/sealer.ts';
import { hide, keepHidden, openDocument, sealDocument } from '../../src/domain/secrets.ts';
import { entriesOf, nameOf } from '../../src/domain/sources.ts';
import { shadowedOf, statusOf } from '../../src/domain/statuses.ts';
import { memoryFiles } from '../../src/domain/steering-testing.ts';

/** The rules of the domain over one file in memory: the real loader and the real checks. */
export async function rulesOver(yaml: string): Promise<RulesPort> {
  const load = createLoader({ env: {}, files: memoryFiles({ '/g.yaml': yaml }) });
  const sealer = testSealer();
  const files = await load(['/g.yaml']);
  const document = parse(yaml) as Record<Kind, Record<string, JsonObject> | undefined>;
  const fileObject: RulesPort['fileObject'] = ({ kind, name }) => {
    const owner = files.inFiles(kind, name);
    const written = document[kind];
    if (owner === null || written === undefined || !Object.hasOwn(written, name)) return null;
    const [file, line] = [owner.file, owner.line];
    return { kind, name, document: hide({ kind }, written[name] ?? {}), file, line };
  };
  const loaded = (objects: readonly StoredObject[]): Promise<Loaded> =>
    load(
      ['/g.yaml'],
      entriesOf(objects.map((one) => ({ ...one, document: openDocument(one, one.document, sealer) }))),
    );

  return {
    async judge(now, wishes) {
      const before = new Map(now.map((object) => [nameOf(object), object]));
      const after = new Map(before);
      const issues: Issue[] = [];
      for (const wish of wishes) {
        const made = madeOf(wish, before.get(nameOf(wish)), { sealer, issues });
        if (made === null) after.delete(nameOf(wish));
        else after.set(nameOf(wish), made);
      }
      const changes = wishes.flatMap((wish) => {
        const was = before.get(nameOf(wish))?.document ?? null;
        const is = after.get(nameOf(wish))?.document ?? null;
        const same = was === is || (was !== null && is !== null && isEqual(open(wish, was), open(wish, is)));
        const { kind, name, workspace } = wish;
        return same ? [] : [{ kind, name, workspace, before: was, after: is }];
      });
      const judged = await loaded([...after.values()]);
      const all = [...issues, ...judged.issues];
      const isSound = all.every(({ severity }) => severity !== 'error');
      return isSound
        ? { kind: 'fits', changes, risks: [], warnings: all }
        : { kind: 'rejected', issues: all };
    },
    shown: (ref, document) => hide(ref, document),
    fields: fieldsOf,
    readDocument(sent) {
      const read = typeof sent === 'string' ? safely(() => parse(sent) as unknown) : sent;
      if (typeof read !== 'object' || read === null || Array.isArray(read)) return rejected('SYNTAX', '');
      const objects = [];
      for (const [section, entries] of Object.entries(read)) {
        const kind = KINDS.find((one) => one === section);
        if (kind === undefined || typeof entries !== 'object' || entries === null || Array.isArray(entries))
          return rejected('UNKNOWN_KEY', `/${section}`);
        for (const [name, document] of Object.entries(entries)) {
          if (typeof document !== 'object' || document === null || Array.isArray(document))
            return rejected('WRONG_TYPE', `/${section}/${name}`);
          objects.push({ kind, name, document: document as JsonObject });
        }
      }
      return { kind: 'read', objects };
    },
    writeDocument(objects) {
      const sections: Record<string, Record<string, JsonObject>> = {};
      for (const one of objects) (sections[one.kind] ??= {})[one.name] = hide(one, one.document);
      return sections;
    },
    writeYaml: (written) => stringify(written),
    fileObject,
    fileObjects: (kind) =>
      Object.keys(document[kind] ?? {})
        .sort()
        .flatMap((name) => fileObject({ kind, name }) ?? []),
    status: (object) => {
      const exceptions = shadowedOf([object], files);
      const { state, reason, usedRevision } = statusOf({ loaded: files, exceptions }, object);
      return { state, reason, usedRevision };
    },
    effective: () => document as unknown as JsonObject,
  };

  function open(ref: Wish, sealed: JsonObject): JsonObject {
    return openDocument(ref, sealed, sealer);
  }
}

function madeOf(
  wish: Wish,
  before: StoredObject | undefined,
  { sealer, issues }: { readonly sealer: Sealer; readonly issues: Issue[] },
): StoredObject | null {
  if (wish.document === null) return null;
  const was = before === undefined ? null : openDocument(before, before.document, sealer);
  const kept = keepHidden(wish, openDocument(wish, wish.document, sealer), was);
  for (const pointer of kept.missing) issues.push(issueAt('MISSING_REFERENCE', pointer));
  const document = sealDocument(wish, kept.document, sealer);
  return { ...wish, document, revision: Number.MAX_SAFE_INTEGER };
}

function rejected(code: Issue['code'], pointer: string) {
  return { kind: 'rejected' as const, issues: [issueAt(code, pointer)] };
}

function issueAt(code: Issue['code'], pointer: string): Issue {
  return { code, message: 'is wrong', file: '', line: 1, column: 1, pointer, severity: 'error' };
}

function safely<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** AES-256-GCM, bound to the place. */
function testSealer(): Sealer {
  const key = createHash('sha256').update('test').digest();
  const aad = (place: object) => Buffer.from(JSON.stringify(place));
  return {
    seal(text, place) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad(place));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `sealed:${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`;
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.slice('sealed:'.length), 'base64');
      const opener = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(aad(place));
      opener.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([opener.update(bytes.subarray(28)), opener.final()]).toString();
    },
    isSealed: (text) => text.startsWith('sealed:'),
  };
}
