import type { DescMethod } from '@turnpike/config/descriptors';
import type { HttpRule } from '../../../core/grpc-schema.ts';
import { WireReader } from '../../../core/protobuf/wire-reader.ts';
import { WIRE } from '../../../core/protobuf/wire-writer.ts';

/** `google.api.http` in the options of a method. */
const HTTP_EXTENSION = 72_295_728;

/** Fields of `google.api.HttpRule` that have a method for name. */
const METHODS: Readonly<Record<number, string>> = { 2: 'GET', 3: 'PUT', 4: 'POST', 5: 'DELETE', 6: 'PATCH' };
const BODY = 7;
const CUSTOM = 8;
const ADDITIONAL = 11;
const RESPONSE_BODY = 12;

/** The rules that the source of a method has for HTTP. Additional bindings are one level deep, as their specification has it. */
export function httpRules({ proto }: Pick<DescMethod, 'proto'>): readonly HttpRule[] {
  // Who gives an option more than once means the last.
  const option = proto.options?.$unknown?.findLast(({ no }) => no === HTTP_EXTENSION);
  if (option === undefined) return [];
  const { rule, additional } = readRule(new WireReader(option.data).delimited());
  return [rule, ...additional.map((bytes) => readRule(bytes).rule)].filter(({ template }) => template !== '');
}

function readRule(bytes: Uint8Array): {
  readonly rule: HttpRule;
  readonly additional: readonly Uint8Array[];
} {
  const rule = { method: '', template: '', body: '', responseBody: '' };
  const additional: Uint8Array[] = [];
  eachText(bytes, (field, reader) => {
    const method = METHODS[field];
    if (method !== undefined) Object.assign(rule, { method, template: reader.text() });
    else if (field === BODY) rule.body = reader.text();
    else if (field === RESPONSE_BODY) rule.responseBody = reader.text();
    else if (field === CUSTOM) Object.assign(rule, readCustom(reader.delimited()));
    else if (field === ADDITIONAL) additional.push(reader.delimited());
    else return false;
    return true;
  });
  return { rule, additional };
}

function readCustom(bytes: Uint8Array): Pick<HttpRule, 'method' | 'template'> {
  const custom = { method: '', template: '' };
  eachText(bytes, (field, reader) => {
    if (field === 1) custom.method = reader.text();
    else if (field === 2) custom.template = reader.text();
    else return false;
    return true;
  });
  return custom;
}

/** All fields of these messages are texts and messages. */
function eachText(bytes: Uint8Array, take: (field: number, reader: WireReader) => boolean): void {
  const reader = new WireReader(bytes);
  while (reader.pos < bytes.length) {
    const tag = reader.varint();
    if ((tag & 7) !== WIRE.delimited || !take(tag >>> 3, reader)) reader.skip(tag);
  }
}
