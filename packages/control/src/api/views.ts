import { ROLES } from '../domain/callers.ts';
import { KINDS } from '../domain/objects.ts';
import {
  anything,
  choice,
  flag,
  foreign,
  integer,
  list,
  map,
  named,
  nullable,
  number,
  optional,
  shape,
  text,
  textLike,
} from './schema.ts';

// Schemas that several operations share.

/** What objects, workspaces and consumers may be called. Never `__proto__`: it would be no member of any document. */
export const NAME = '^(?!__proto__$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$';

export const nameOf = (what: string, example: string) => textLike(`Name of ${what}.`, NAME, example);

/** When something was, in milliseconds since 1970. */
export const time = (what: string) => integer(`${what}, in milliseconds since 1970.`);

/** Query parameters of every list. */
export const PAGE = {
  limit: optional(integer('Most items of a page; 100 without it.', 1, 1_000)),
  after: optional(text('`next` of the page before.', 500)),
};

export const WORKSPACE = {
  workspace: optional(nameOf('a workspace', 'payments')),
};

/** Query parameters of every change. */
export const CHANGE = {
  dryRun: optional(flag('Gives the plan and changes nothing.')),
  message: optional(text('Why, for the history.', 500)),
};

export const issue = named(
  'Issue',
  shape('A fault, or something to look at.', {
    message: text('What is wrong, what was expected, and how to mend it.', 10_000),
    pointer: text('JSON Pointer; for parameters, `query/NAME` or `path/NAME`.', 10_000),
    code: optional(text('For programs: `UNKNOWN_NAME`, …')),
    severity: optional(choice('Warnings stand in the way of nothing.', ['error', 'warning'])),
    file: optional(text('The file, if it is in one.', 10_000)),
    line: optional(integer('Its line.')),
    suggestion: optional(text('What was probably meant.', 10_000)),
  }),
);

/** RFC 9457. */
export const problemSchema = named(
  'Problem',
  shape('What went wrong (RFC 9457).', {
    type: text('Stable, as is `code`.'),
    title: text('The same in words.'),
    status: integer('The status of the answer.', 400, 599),
    code: text('For programs.'),
    detail: optional(text('This time.', 10_000)),
    errors: optional(list('Each fault.', issue)),
    needed: optional(choice('The role that is needed.', ROLES)),
    workspace: optional(text('The workspace that it is about.')),
    file: optional(text('The file that has it.', 10_000)),
    line: optional(integer('Its line.')),
  }),
);

export const kind = choice('Section of the configuration.', KINDS);

const status = shape('How it does on the gateway that answers.', {
  state: choice('`quarantined`: it does not fit; `shadowed`: a file has the name.', [
    'active',
    'quarantined',
    'shadowed',
  ]),
  reason: text('Why; empty when it is active.', 10_000),
  usedRevision: nullable(
    integer('The revision whose version is in use.'),
    'Null: none is, or it stands in a file.',
  ),
});

export const objectView = named(
  'Object',
  shape('An object of the configuration.', {
    kind,
    name: nameOf('the object', 'users'),
    workspace: nameOf('its workspace', 'default'),
    owner: choice('Who may change it: this API, or who writes the files.', ['database', 'files']),
    document: foreign('What stands below its name in the configuration. Secrets are `***`.'),
    revision: nullable(integer('The revision that wrote it last.'), 'Null for objects of files.'),
    etag: nullable(text('For `If-Match`.'), 'Null for objects of files.'),
    origin: nullable(
      shape('Where it stands.', { file: text('File.', 10_000), line: integer('Line.') }),
      'Null for objects of the database.',
    ),
    status,
    updatedAt: nullable(time('When it was written last'), 'Null for objects of files.'),
    updatedBy: nullable(text('By whom.'), 'Null for objects of files.'),
  }),
);

export const versionView = named(
  'ObjectVersion',
  shape('An object as one revision left it.', {
    revision: integer('The revision.', 1),
    workspace: nameOf('its workspace', 'default'),
    document: nullable(foreign('What it was. Secrets are `***`.'), 'Null: the revision removed it.'),
    at: nullable(time('When'), 'Null: nobody knows any more.'),
    author: nullable(text('By whom.'), 'Null: nobody knows any more.'),
    message: text('Why.', 10_000),
  }),
);

export const risk = named(
  'Risk',
  shape('Something to know before it is applied.', {
    level: choice('How grave.', ['high', 'medium', 'low']),
    code: text('For programs: `AUTHENTICATION_REMOVED`, …'),
    message: text('One sentence.', 10_000),
    objects: list('Some of the objects.', text('`routes.users`')),
    count: integer('All of them.'),
  }),
);

export const change = named(
  'Change',
  shape('What becomes of one object.', {
    kind,
    name: nameOf('the object', 'users'),
    workspace: nameOf('its workspace', 'default'),
    action: choice('What happens to it.', ['added', 'changed', 'removed']),
    fields: list(
      'What is different. Secrets are `***`.',
      shape('A difference.', {
        path: text('JSON Pointer into the document.', 10_000),
        before: optional(anything('Not there: it had none.')),
        after: optional(anything('Not there: it has none any more.')),
      }),
      100_000,
    ),
  }),
);

const planMembers = {
  revision: nullable(integer('The revision that it made.'), 'Null: it was a dry run, or changes nothing.'),
  changes: list('By kind and name.', change, 100_000),
  risks: list('Gravest first.', risk),
  warnings: list('They do not stand in the way.', issue, 100_000),
  served: nullable(
    shape('Whether this gateway serves it by now.', {
      now: flag('It does.'),
      reason: text('Why it does not, or nothing: a roll-out, or what its log has more of.', 2000),
    }),
    'Null: it made no revision.',
  ),
};

export const plan = named('Plan', shape('What a change does, or would do.', planMembers));

export const objectPlan = named(
  'ObjectPlan',
  shape('What a change does, or would do.', {
    ...planMembers,
    object: optional(objectView),
  }),
);

export const revisionSummary = named(
  'RevisionSummary',
  shape('A numbered change.', {
    number: integer('Counts up.', 1),
    at: time('When'),
    author: text('Who.'),
    address: text('From where.'),
    origin: choice('What came to change it.', ['api', 'import', 'rollback', 'halt', 'restore']),
    message: text('Why.', 10_000),
    risks: list('What was known to be risky.', risk),
    changeCount: integer('How many objects.'),
  }),
);

const selection = named(
  'Selection',
  shape('Which gateways.', {
    kind: choice('How they are told apart.', ['percent', 'zones', 'nodes']),
    percent: optional(integer('So many of a hundred.', 1, 100)),
    zones: optional(list('Names of zones.', text('', 128), 100)),
    nodes: optional(list('Ids of nodes.', text('', 128), 1_000)),
  }),
);

export const steps = list('In turn; afterwards come all.', selection, 20);

export const rolloutView = named(
  'Rollout',
  shape('A revision that goes out step by step.', {
    id: integer('Its number.'),
    revision: integer('What the selected take.'),
    base: integer('What the others serve meanwhile.'),
    steps,
    step: integer('The step that it is at.'),
    stepMs: integer('How long a step is watched.'),
    state: choice('Where it is.', ['running', 'paused', 'completed', 'rolled-back']),
    reason: text('Why it is not running.', 10_000),
    startedAt: time('When it began'),
    steppedAt: time('When this step began'),
    startedBy: text('Who.'),
  }),
);

export const workspaceView = named(
  'Workspace',
  shape('Part of the gateway for one team.', {
    name: nameOf('the workspace', 'payments'),
    description: text('For people.'),
    hosts: list('Hosts that its routes may take; empty: any.', text('', 253), 100),
    paths: list('Beginnings of paths that its routes may take; empty: any.', text('', 1_000), 100),
  }),
);

export const keyView = named(
  'Key',
  shape('A key of a consumer, without the key.', {
    id: text('What the key begins with.'),
    consumer: nameOf('the consumer', 'acme'),
    label: text('For people.'),
    createdAt: time('When it was made'),
    createdBy: text('By whom.'),
    expiresAt: nullable(time('When it ends'), 'Null: never.'),
    revokedAt: nullable(time('When it was revoked'), 'Null: it was not.'),
    lastUsedAt: nullable(time('When it was used last, to the minute'), 'Null: never yet.'),
  }),
);

export const keyShown = named(
  'NewKey',
  shape('A new key. It is shown once: nobody can know it again.', {
    ...keyView.properties,
    key: text('The key.'),
  }),
);

export const roleOrNull = nullable(choice('In all workspaces.', ROLES), 'Null: only in `workspaces`.');

export const rolesIn = map('Role by workspace.', choice('Role.', ROLES), 1_000);

export const tokenView = named(
  'Token',
  shape('A token of this API, without the token.', {
    id: text('What the token begins with.'),
    name: text('For people and for the audit log.'),
    role: roleOrNull,
    workspaces: rolesIn,
    createdAt: time('When it was made'),
    createdBy: text('By whom.'),
    expiresAt: nullable(time('When it ends'), 'Null: never.'),
    lastUsedAt: nullable(time('When it was used last, to the minute'), 'Null: never yet.'),
  }),
);

export const auditView = named(
  'AuditEntry',
  shape('Who did what.', {
    id: integer('Counts up.'),
    at: time('When'),
    author: text('Who.'),
    address: text('From where.'),
    action: text('`object.put`, `key.create`, `cache.purge`, …'),
    target: text('`routes.users`, …', 10_000),
    workspace: nullable(text('Its workspace.'), 'Null: it is in none.'),
    outcome: choice('What came of it.', ['done', 'refused', 'failed']),
    revision: nullable(integer('The revision that it made.'), 'Null: none.'),
    detail: text('More.', 10_000),
  }),
);

const loadMembers = {
  requests: integer('In ten seconds.'),
  errors: integer('Of these, with a status of 500 and above.'),
  p50Ms: number('Half were faster.'),
  p99Ms: number('99 of 100 were faster.'),
};

const nodeLoadMembers = {
  ...loadMembers,
  refused: optional(integer('With a status from 400 to 499; older gateways do not say.')),
  inFlight: integer('Under way.'),
  cpu: number('Cores in use.'),
};

export const sample = named(
  'LoadSample',
  shape('What went through in ten seconds.', {
    ...nodeLoadMembers,
    at: time('When they ended'),
    routes: list('The busiest.', shape('', { name: text('Route.'), ...loadMembers })),
    services: list('The busiest.', shape('', { name: text('Service.'), ...loadMembers })),
  }),
);

export const nodeView = named(
  'Node',
  shape('A gateway.', {
    id: text('Stays over restarts.'),
    name: text('Host name.'),
    zone: text('Zone.'),
    version: text('Of the program.'),
    revision: integer('What all its threads serve.'),
    startedAt: time('When it was started'),
    heartbeatAt: time('When it was heard of last'),
    heartbeatAgeMs: integer('The same as an age.'),
    quarantined: list('Objects that it could not take.', text('`routes.users`')),
    load: shape('Over the last ten seconds.', nodeLoadMembers),
  }),
);

/** A page of a list. */
export function page<S extends Parameters<typeof list>[1]>(items: S) {
  return shape('A page.', {
    items: list('In order of names or numbers.', items),
    next: nullable(text('For `after`.'), 'Null: this was the last page.'),
  });
}
