import { parseHttpTemplate, type HttpTemplate, type TemplateVariable } from '@turnpike/config/http-template';
import type { FieldInfo, GrpcMethod, MessageCodec } from '../../../core/grpc-schema.ts';
import { leafAt, type Leaf } from './field-path.ts';
import { HTTP_BODY, messageFieldNumber } from './http-body.ts';
import type { MethodRule } from './http-rules.ts';
import { delimitedTag } from './wire-fields.ts';
import { pathFields, type PathFields } from './path-fields.ts';

/** What the body of a request is. */
export type BodyRule =
  | { readonly kind: 'none' }
  /** All of the message but what the path has. */
  | { readonly kind: 'message' }
  /** One of its fields, by the name in its source. */
  | { readonly kind: 'field'; readonly name: string }
  /** Bytes of any media type, as `google.api.HttpBody`: in the field with this tag, or the message itself. */
  | { readonly kind: 'raw'; readonly tag: Buffer | null; readonly name: string };

/** What the body of a reply is. */
export type ReplyRule =
  | { readonly kind: 'message' }
  /** One of its fields, by its name in JSON; `missing` is the JSON of one that is not there. */
  | { readonly kind: 'field'; readonly jsonName: string; readonly missing: string }
  /** Bytes of any media type: in the field of this number, or the message itself (0). */
  | { readonly kind: 'raw'; readonly number: number };

/** One way to call a method by HTTP, made ready. */
export interface Binding {
  readonly method: GrpcMethod;
  /** Of HTTP; `*` is any. */
  readonly verb: string;
  readonly template: HttpTemplate;
  readonly variables: readonly BoundVariable[];
  readonly body: BodyRule;
  readonly reply: ReplyRule;
  /** Of the variables. */
  readonly path: PathFields;
}

/** A variable of a template, and the field that it is. */
export interface BoundVariable {
  readonly variable: TemplateVariable;
  readonly leaf: Leaf;
}

/** Makes a rule ready, or says what is wrong with it. */
export function compileBinding({ method, rule }: MethodRule): Binding | string {
  const template = parseHttpTemplate(rule.template);
  if (!template.ok) return `${rule.template} ${template.problem}`;
  const variables: BoundVariable[] = [];
  for (const variable of template.value.variables) {
    const leaf = pathLeaf(method.input, variable.field);
    if (typeof leaf === 'string') return `{${variable.field.join('.')}} ${leaf}`;
    variables.push({ variable, leaf });
  }
  const body = bodyRule(method.input, rule.body);
  if (typeof body === 'string') return body;
  const reply = replyRule(method.output, rule.responseBody);
  if (typeof reply === 'string') return reply;
  const leaves = variables.map(({ leaf }) => leaf);
  const path = pathFields(method.input, leaves);
  return { method, verb: rule.method, template: template.value, variables, body, reply, path };
}

/** A field that a path may have: one value that is not a message, so that it wins over the body (google.api.HttpRule). */
function pathLeaf({ fields, typeName }: MessageCodec, path: readonly string[]): Leaf | string {
  const leaf = leafAt(fields, path);
  if (typeof leaf === 'string') return `${leaf} in ${typeName}`;
  return leaf.isRepeated || leaf.isMessage
    ? `is a list or a message in ${typeName}; a path has one value`
    : leaf;
}

function bodyRule(input: MessageCodec, body: string): BodyRule | string {
  if (body === '') return { kind: 'none' };
  if (body === '*')
    return input.typeName === HTTP_BODY ? { kind: 'raw', tag: null, name: '' } : { kind: 'message' };
  const field = input.fields.find(body);
  if (field === undefined) return `body: ${body} is no field of ${input.typeName}`;
  const { name } = field;
  if (!isRaw(field)) return { kind: 'field', name };
  return { kind: 'raw', tag: delimitedTag(messageFieldNumber(input, name)), name };
}

function replyRule(output: MessageCodec, responseBody: string): ReplyRule | string {
  if (responseBody === '')
    return output.typeName === HTTP_BODY ? { kind: 'raw', number: 0 } : { kind: 'message' };
  const field = output.fields.find(responseBody);
  if (field === undefined) return `responseBody: ${responseBody} is no field of ${output.typeName}`;
  if (isRaw(field)) return { kind: 'raw', number: messageFieldNumber(output, field.name) };
  return { kind: 'field', jsonName: field.jsonName, missing: missing(field) };
}

function isRaw({ kind, typeName }: FieldInfo): boolean {
  return kind === 'message' && typeName === HTTP_BODY;
}

/** The JSON of a field that is not there. Enums and messages have none that is known here. */
function missing({ kind, scalar }: FieldInfo): string {
  if (kind === 'list') return '[]';
  if (kind === 'map') return '{}';
  if (kind !== 'scalar' || scalar === undefined) return 'null';
  if (scalar === 'bool') return 'false';
  if (scalar === 'string' || scalar === 'bytes') return '""';
  return scalar.endsWith('64') ? '"0"' : '0';
}
