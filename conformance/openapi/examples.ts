// The examples of an operation, each with the question whether the validator takes it.
import type { BodyRule, Head, Operation, Violation } from '@turnpike/config/validation';
import { followed, nodeOf, type Node, type OperationNode } from './walk.ts';
import { multipart, notationOf, pairsOf, textOf, urlencoded } from './written.ts';

/** A value that an author gives as an example. */
export interface Example {
  /** Below the operation: `query limit`, `request application/json`, `response 200 application/json`. */
  readonly place: string;
  /** What the validator has against it, in short. */
  readonly faults: (operation: Operation) => readonly string[];
  /** The same of a value of another type; null where the document does not say which one it should be. */
  readonly faultsOfOther: Example['faults'] | null;
}

/** All examples of an operation. */
export function examplesOf(document: unknown, { operation, template, parameters }: OperationNode): Example[] {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
  const request = followed(document, operation['requestBody']);
  return [
    ...parameters.flatMap((parameter) => parameterExamples(document, parameter, names)),
    ...bodyExamples(document, request, 'request', (target) => target),
    ...Object.entries(nodeOf(operation['responses'])).flatMap(([status, response]) =>
      responseExamples(document, status, followed(document, response)),
    ),
  ];
}

function parameterExamples(document: unknown, parameter: Node, names: readonly string[]): Example[] {
  const [name, location] = [String(parameter['name']), String(parameter['in'])];
  if (IGNORED.has(name.toLowerCase()) && location === 'header') return [];
  return valuesIn(document, parameter).map(([label, value]) => ({
    place: `${location} ${name}${label}`,
    faults: (target) => {
      const head = headWith(value, parameter, names);
      return inShort(
        target.checkHead(head, 'allow').filter((fault) => fault.in === location && fault.parameter === name),
      );
    },
    faultsOfOther: null,
  }));
}

/** As parameters these say nothing (OpenAPI 3.1 §4.8.12.2). */
const IGNORED: ReadonlySet<string> = new Set(['accept', 'authorization', 'content-type']);

/** The examples of a Parameter, Header or Media Type Object, of its schema, and of its `content`. */
function valuesIn(document: unknown, owner: Node): (readonly [label: string, value: unknown])[] {
  const schema = followed(document, owner['schema']);
  const [content] = Object.values(nodeOf(owner['content']));
  const named = Object.entries(nodeOf(owner['examples'])).map(
    ([key, example]) => [` (${key})`, followed(document, example)['value']] as const,
  );
  const ofSchema = Array.isArray(schema['examples']) ? schema['examples'] : [];
  return [
    ['', owner['example']] as const,
    ...named,
    [' of schema', schema['example']] as const,
    ...ofSchema.map((value: unknown) => [' of schema', value] as const),
    ...(content === undefined ? [] : valuesIn(document, followed(document, content))),
  ].filter(([, value]) => value !== undefined);
}

function headWith(value: unknown, parameter: Node, names: readonly string[]): Head {
  const [name, location] = [String(parameter['name']), String(parameter['in'])];
  const written = 'content' in parameter ? JSON.stringify(value) : value;
  const notation = notationOf(name, location, parameter);
  const isPair = location === 'query' || location === 'cookie';
  const pairs = isPair ? pairsOf(written, notation) : [];
  const text = isPair ? '' : textOf(written, notation);
  return {
    params: names.map((other) => (location === 'path' && other === name ? text : '')),
    query: location === 'query' ? `?${pairs.map(([key, one]) => `${key}=${one}`).join('&')}` : '',
    header: (field) => (location === 'header' && field === name.toLowerCase() ? text : undefined),
    cookies: (cookie) =>
      pairs.filter(([key]) => location === 'cookie' && key === cookie).map(([, one]) => one),
  };
}

/** What describes bodies of some types. */
interface Bodies {
  body(contentType: string): BodyRule;
}

function bodyExamples(
  document: unknown,
  owner: Node,
  place: string,
  bodiesOf: (operation: Operation) => Bodies | null,
): Example[] {
  return Object.entries(nodeOf(owner['content'])).flatMap(([type, written]) => {
    const media = followed(document, written);
    const other = isJson(type) ? otherThan(followed(document, media['schema'])) : undefined;
    const faultsOf = (value: unknown) => (operation: Operation) =>
      bodyFaults(bodiesOf(operation)?.body(type), bodyText(value, type, media));
    return valuesIn(document, media).map(([label, value]) => ({
      place: `${place} ${type}${label}`,
      faults: faultsOf(value),
      faultsOfOther: other === undefined ? null : faultsOf(other),
    }));
  });
}

/** A value of another type than a schema wants; undefined if it does not say. */
function otherThan({ type }: Node): unknown {
  if (typeof type !== 'string') return undefined;
  return type === 'boolean' ? 'text' : true;
}

function responseExamples(document: unknown, status: string, response: Node): Example[] {
  // A status that nobody describes, if it is `default`.
  const code = Number(status.replaceAll(/X/gi, '9').replace('default', '599'));
  const headers = Object.entries(nodeOf(response['headers'])).flatMap(([name, written]) => {
    const header = { ...followed(document, written), name, in: 'header' };
    return valuesIn(document, header).map(([label, value]) => ({
      place: `response ${status} header ${name}${label}`,
      faults: (target: Operation) => {
        const found = target.response(code)?.checkHead(headWith(value, header, [])) ?? [];
        return inShort(found.filter(({ parameter }) => parameter === name));
      },
      faultsOfOther: null,
    }));
  });
  return [
    ...bodyExamples(document, response, `response ${status}`, (target) => target.response(code)),
    ...headers,
  ];
}

function bodyFaults(rule: BodyRule = { kind: 'undescribed' }, text: string): readonly string[] {
  if (rule.kind === 'any') return [];
  return rule.kind === 'check' ? inShort(rule.check(Buffer.from(text).toString('latin1'))) : [rule.kind];
}

function bodyText(value: unknown, type: string, media: Node): string {
  if (type.startsWith('application/x-www-form-urlencoded'))
    return urlencoded(value, nodeOf(media['encoding']));
  return type.startsWith('multipart/') ? multipart(value) : JSON.stringify(value);
}

function isJson(type: string): boolean {
  return /^application\/(?:.*\+)?json\b/.test(type);
}

function inShort(violations: readonly Violation[]): string[] {
  return violations.map(({ pointer = '', keyword }) => `${pointer} ${keyword}`.trim());
}
