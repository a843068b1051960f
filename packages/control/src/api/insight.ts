import { configSchema } from '@turnpike/config';
import { DEFAULT_WORKSPACE, KINDS } from '../domain/objects.ts';
import { anywhere, everywhere } from './access.ts';
import { readEdits, withoutVain, YAML_TYPES } from './apply.ts';
import { invalid } from './expiry.ts';
import type { Kit } from './kit.ts';
import { type Operation, operation } from './operation.ts';
import { answer, issueViews, problem, type Reply } from './problems.ts';
import { either, flag, foreign, integer, list, map, optional, shape, text } from './schema.ts';
import { issue, kind, nameOf, sample } from './views.ts';

const readers = { role: 'viewer', within: 'everywhere', place: everywhere } as const;
const anyReader = { role: 'viewer', within: 'any', place: anywhere } as const;

/** What there is to know of the gateway and of its configuration. */
export function insightOperations(kit: Kit): readonly Operation[] {
  const { gateway, clock, insight, rules } = kit.ports;
  let schema: object | null = null;
  return [
    operation({
      id: 'getOverview',
      method: 'GET',
      path: '/v1/overview',
      tag: 'insight',
      summary: 'Tells what went through in the last hour',
      access: readers,
      answers: {
        200: {
          description: 'Every ten seconds of it.',
          body: shape('The last hour.', {
            now: integer('By the clock of who answers, in milliseconds since 1970.'),
            samples: list('Oldest first.', sample),
          }),
        },
      },
      problems: [],
      handle: async () => answer(200, { now: clock.epoch(), samples: gateway.history() }),
    }),
    operation({
      id: 'getTopology',
      method: 'GET',
      path: '/v1/topology',
      tag: 'insight',
      summary: 'Shows listeners, routes, services and their endpoints as one picture',
      access: readers,
      answers: { 200: { description: 'The picture.', body: foreign('`listeners`, `routes`, `services`.') } },
      problems: [],
      handle: async () => answer(200, await insight.topology()),
    }),
    operation({
      id: 'getStatus',
      method: 'GET',
      path: '/v1/status',
      tag: 'insight',
      summary: 'Tells how the control plane of this gateway does',
      access: readers,
      answers: {
        200: { description: 'Database, revision, what is quarantined.', body: foreign('Its status.') },
      },
      problems: [],
      handle: async () => answer(200, insight.status()),
    }),
    operation({
      id: 'explain',
      method: 'POST',
      path: '/v1/explain',
      tag: 'insight',
      summary: 'Tells which route would take a request, and why',
      description: 'Nothing is sent. The same as `turnpike explain`.',
      access: readers,
      isRead: true,
      body: shape('The request.', {
        method: optional(text('GET without it.', 50)),
        url: text('With scheme and host: `http://shop.example/users/7`.', 8_000),
        headers: optional(map('Header fields.', text('Value.', 8_000), 100)),
      }),
      answers: { 200: { description: 'What would become of it.', body: foreign('The explanation.') } },
      problems: ['INVALID'],
      handle: async ({ body: { method = 'GET', url, headers = {} } }) => {
        const odd = Object.keys(headers).find((name) => !TOKEN.test(name));
        if (odd !== undefined)
          return invalid('/headers', `no header field can be called ${JSON.stringify(odd)}`);
        if (!TOKEN.test(method)) return invalid('/method', 'no request can have this method');
        const explained = await insight.explain({ method, url, headers });
        return explained === null ? invalid('/url', 'no request can have this URL') : answer(200, explained);
      },
    }),
    operation({
      id: 'getEffective',
      method: 'GET',
      path: '/v1/effective',
      tag: 'configuration',
      summary: 'Gives the objects that are in use, of files and of the database',
      description:
        'As one document, without secrets. `GET /config` has the whole configuration as the gateway understood it.',
      access: readers,
      answers: { 200: { description: 'The document.', body: foreign('A configuration document.') } },
      problems: ['CONFIG_HIDDEN'],
      handle: async () => {
        const effective = await rules.effective();
        return effective === null ? problem('CONFIG_HIDDEN') : answer(200, effective);
      },
    }),
    operation({
      id: 'getSchema',
      method: 'GET',
      path: '/v1/schema',
      tag: 'configuration',
      summary: 'Gives the JSON Schema of the configuration',
      description: 'In `$defs` there is one for each kind of object.',
      access: anyReader,
      answers: { 200: { description: 'JSON Schema 2020-12.', body: foreign('The schema.') } },
      problems: [],
      handle: async () => answer(200, (schema ??= schemaByKind())),
    }),
    operation({
      id: 'validate',
      method: 'POST',
      path: '/v1/validate',
      tag: 'configuration',
      summary: 'Says what is wrong with a document or an object',
      description: 'Together with all that is there already. Nothing is written.',
      access: anyReader,
      isRead: true,
      body: either(
        'An object with its kind and name, or a configuration document.',
        shape('An object.', {
          kind,
          name: nameOf('the object', 'users'),
          document: foreign('What stands below its name.'),
        }),
        foreign('A configuration document with sections of objects.'),
      ),
      bodyTypes: YAML_TYPES,
      maxBodyBytes: 16 * 1024 * 1024,
      answers: {
        200: {
          description: 'What was found.',
          body: shape('What was found.', {
            valid: flag('Whether it could be applied.'),
            errors: list('What stands in the way.', issue),
            warnings: list('What does not.', issue),
          }),
        },
      },
      problems: ['CHECK_UNAVAILABLE'],
      handle: ({ body }) => validate(body as Sent, kit),
    }),
  ];
}

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

type Sent = string | Readonly<Record<string, unknown>>;

async function validate(sent: Sent, kit: Kit): Promise<Reply> {
  const { rules } = kit.ports;
  const wishes = await readEdits(asDocument(sent), DEFAULT_WORKSPACE, kit);
  if ('status' in wishes) return answer(200, { valid: false, errors: errorsOf(wishes), warnings: [] });
  const now = await kit.changer.head();
  const judged = await rules.judge(now.list, withoutVain(wishes, now));
  const isValid = judged.kind === 'fits';
  const found = isValid ? judged.warnings : judged.issues;
  const [errors, warnings] = (['error', 'warning'] as const).map((severity) =>
    issueViews(found.filter((one) => one.severity === severity)),
  );
  return answer(200, { valid: isValid, errors, warnings });
}

/** One object as a document that has nothing else. */
function asDocument(sent: Sent): Sent {
  if (typeof sent === 'string' || typeof sent['kind'] !== 'string' || !('document' in sent)) return sent;
  const { kind, name, document } = sent;
  return KINDS.some((known) => known === kind) ? { [kind]: { [String(name)]: document } } : sent;
}

function errorsOf({ body }: Reply): unknown {
  return (body as { errors?: unknown }).errors ?? [];
}

/** The schema of the configuration with those of the kinds where forms find them. */
export function schemaByKind(): object {
  const whole = configSchema() as {
    readonly properties: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly $defs: object;
  };
  const properties = { ...whole.properties };
  const $defs: Record<string, unknown> = { ...whole.$defs };
  for (const section of KINDS) {
    $defs[section] = properties[section]?.['additionalProperties'];
    properties[section] = { ...properties[section], additionalProperties: { $ref: `#/$defs/${section}` } };
  }
  return { ...whole, properties, $defs };
}
