import { readFileSync } from 'node:fs';
import { openDescriptors } from '@turnpike/config/descriptors';
import type { JsonOptions, MessageCodec } from '../../../core/grpc-schema.ts';
import { DEFAULT_JSON, messageCodecs } from './message-codecs.ts';

/** The bytes of the descriptor set in `fixtures/`, which `buf build` makes of the sources beside it. */
export const FIXTURES = readFileSync(new URL('fixtures/fixtures.binpb', import.meta.url));

/** The descriptors of the fixtures. */
export const DESCRIPTORS = openDescriptors(FIXTURES);

const codecs = messageCodecs(DESCRIPTORS);

/** A codec of the fixtures, by the name of its type. */
export function fixtureCodec(typeName: string, json: Partial<JsonOptions> = {}): MessageCodec {
  const desc = DESCRIPTORS.message(typeName);
  if (desc === undefined) throw new Error(`The fixtures have no ${typeName}`);
  return codecs(desc, { ...DEFAULT_JSON, ...json });
}
