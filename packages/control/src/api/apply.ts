import { DEFAULT_WORKSPACE, KINDS, type Kind, type ObjectRef, type StoredObject } from '../domain/objects.ts';
import { inNamed, workspacesOf } from './access.ts';
import { ownedByFiles, titleOf } from './change.ts';
import { type Head, keyOf } from './heads.ts';
import type { Kit } from './kit.ts';
import { OBJECT_PROBLEMS } from './objects.ts';
import { type Operation, operation } from './operation.ts';
import type { Wish } from './ports.ts';
import { etagOf, HEAD_CONDITION, unmet } from './preconditions.ts';
import { answer, issueViews, problem, type Reply } from './problems.ts';
import {
  checker,
  choice,
  either,
  foreign,
  list,
  map,
  optional,
  shape,
  textLike,
  withExample,
  type Static,
} from './schema.ts';
import { CHANGE, plan, WORKSPACE } from './views.ts';

/** Tens of thousands of routes. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** `routes.users`. */
const TITLE = `^(${KINDS.join('|')})\\.[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`;

/** Some objects are put and some removed. */
export const edits = {
  put: optional(map('Objects by section and name.', map('Objects by name.', foreign('An object.')), 6)),
  delete: optional(list('What goes.', textLike('Section and name.', TITLE, 'routes.users'), 100_000)),
};

const editsShape = shape('What to put and what to remove.', edits);
const checkEdits = checker(editsShape);

const applyBody = either(
  'A configuration document, or what to put and what to remove.',
  editsShape,
  withExample(foreign('A configuration document with sections of objects.'), {
    services: { users: { endpoints: ['http://10.0.0.7:8080'] } },
    routes: { users: { match: { path: '/users/*' }, service: 'users' } },
  }),
);

export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml'];

/** Many objects at once. */
export function applyOperations(kit: Kit): readonly Operation[] {
  return [
    operation({
      id: 'apply',
      method: 'POST',
      path: '/v1/apply',
      tag: 'configuration',
      summary: 'Changes many objects in one revision',
      description:
        'All or nothing. `mode=replace` also removes what the workspace has and the document has not. `If-Match` takes the ETag of the newest revision.',
      access: {
        role: 'editor',
        within: 'workspace',
        place: ({ query }) => ({ kind: 'workspace', name: query.workspace ?? DEFAULT_WORKSPACE }),
      },
      query: shape('', {
        ...CHANGE,
        ...WORKSPACE,
        mode: optional(choice('What becomes of what the document has not.', ['merge', 'replace'])),
      }),
      body: applyBody,
      bodyTypes: YAML_TYPES,
      maxBodyBytes: MAX_DOCUMENT_BYTES,
      headers: HEAD_CONDITION,
      answers: {
        200: {
          description: 'What was done, or would be.',
          body: plan,
          headers: { ETag: 'Of the newest revision.' },
        },
      },
      problems: OBJECT_PROBLEMS,
      handle: (call) => apply(call as ApplyCall, kit),
    }),
    operation({
      id: 'exportObjects',
      method: 'GET',
      path: '/v1/export',
      tag: 'configuration',
      summary: 'Gives the objects of the database as a configuration document',
      description: 'What `apply` takes. Secrets are `***`, which keeps them when it comes back.',
      access: { role: 'viewer', within: 'any', place: inNamed },
      query: shape('', { ...WORKSPACE, format: optional(choice('JSON without it.', ['json', 'yaml'])) }),
      answers: {
        200: {
          description: 'The document.',
          body: foreign('Sections with objects.'),
          types: ['application/yaml'],
          headers: { ETag: 'Of the newest revision.' },
        },
      },
      problems: [],
      handle: async ({ query, caller }) => {
        const { workspace, format = 'json' } = query;
        const seen = workspace === undefined ? workspacesOf(caller, 'viewer') : [workspace];
        const { objects, revision } = await kit.changer.head();
        const shown = [...objects.values()].filter((object) => seen?.includes(object.workspace) ?? true);
        return exported(shown, { format, etag: etagOf(revision) }, kit);
      },
    }),
  ];
}

async function exported(
  objects: readonly StoredObject[],
  { format, etag }: { readonly format: 'json' | 'yaml'; readonly etag: string },
  { ports: { rules } }: Kit,
): Promise<Reply> {
  const sorted = objects.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const document = rules.writeDocument(sorted);
  if (format === 'json') return answer(200, document, { ETag: etag });
  return answer(200, await rules.writeYaml(document), { ETag: etag, 'Content-Type': 'application/yaml' });
}

/** What came as a body: an object of JSON, or text of YAML. */
type Sent = string | Readonly<Record<string, unknown>>;

type ApplyCall = Parameters<Operation['handle']>[0] & {
  readonly query: {
    readonly mode?: 'merge' | 'replace';
    readonly dryRun?: boolean;
    readonly message?: string;
    readonly workspace?: string;
  };
  readonly body: Sent;
};

async function apply(call: ApplyCall, kit: Kit): Promise<Reply> {
  const { mode = 'merge', dryRun = false, message = '', workspace = DEFAULT_WORKSPACE } = call.query;
  const read = await readEdits(call.body, workspace, kit);
  if ('status' in read) return read;
  const owned = ownedByFiles(read, kit.ports);
  if (owned !== null) return owned;
  const changed = await kit.changer.change({
    by: call,
    origin: 'api',
    message,
    isDryRun: dryRun,
    wishes: (now) => {
      const failed = unmet(call.header, etagOf(now.revision));
      if (failed !== null) return failed;
      return mode === 'replace' ? withRemovals(read, now, workspace) : withoutVain(read, now);
    },
  });
  if (changed.kind === 'refused') return changed.reply;
  const { revision, changes } = changed;
  if (revision !== null) {
    const detail = `${changes.length} objects`;
    await kit.audit.done(call, { action: 'apply', target: 'objects', workspace, revision, detail });
  }
  const head = revision ?? (await kit.changer.head()).revision;
  return answer(200, await kit.show.plan(changed), { ETag: etagOf(head) });
}

/** Reads a body as wishes, or refuses it. */
export async function readEdits(
  sent: Sent,
  workspace: string,
  { ports: { rules } }: Kit,
): Promise<readonly Wish[] | Reply> {
  const isEdits = typeof sent === 'object' && ('put' in sent || 'delete' in sent);
  // The schema of the body takes any document as well, so it says nothing of these.
  const faults = isEdits ? checkEdits(sent) : [];
  if (faults.length > 0) return problem('INVALID', { errors: faults });
  const { put = {}, delete: removed = [] } = (isEdits ? sent : {}) as Edits;
  const read = await rules.readDocument(isEdits ? put : sent);
  if (read.kind === 'rejected') return problem('CONFIG_REJECTED', { errors: issueViews(read.issues) });
  const kept = read.objects.map((object) => ({ ...object, workspace }));
  const gone = removed.map((title) => ({ ...refOf(title), workspace, document: null }));
  const twice = namedTwice([...kept, ...gone]);
  if (twice === null) return [...kept, ...gone];
  return problem('INVALID', { errors: [{ message: `${twice} is named twice`, pointer: '/delete' }] });
}

/** The first that is named twice, so that nobody can say which one was meant; null: none is. */
function namedTwice(wishes: readonly Wish[]): string | null {
  const seen = new Set<string>();
  for (const wish of wishes) {
    if (seen.has(keyOf(wish))) return titleOf(wish);
    seen.add(keyOf(wish));
  }
  return null;
}

type Edits = Static<typeof editsShape>;

function refOf(title: string): ObjectRef {
  const dot = title.indexOf('.');
  // Safe because the schema takes nothing else.
  return { kind: title.slice(0, dot) as Kind, name: title.slice(dot + 1) };
}

/** What is to go and is not there is gone already: the same twice changes nothing. */
export function withoutVain(wishes: readonly Wish[], { objects }: Head): readonly Wish[] {
  return wishes.filter((wish) => wish.document !== null || objects.has(keyOf(wish)));
}

function withRemovals(wishes: readonly Wish[], now: Head, workspace: string): readonly Wish[] {
  const named = new Set(wishes.map(keyOf));
  const gone = [...now.objects.values()].filter(
    (object) => object.workspace === workspace && !named.has(keyOf(object)),
  );
  return [...withoutVain(wishes, now), ...gone.map((object) => ({ ...object, document: null }))];
}
