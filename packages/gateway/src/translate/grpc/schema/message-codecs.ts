import type { DescMessage, Descriptors } from '@turnpike/config/descriptors';
import type { JsonOptions, MessageCodec, MessageFields } from '../../../core/grpc-schema.ts';
import type { Json } from '../../../core/identity.ts';
import { WireWriter } from '../../../core/protobuf/wire-writer.ts';
import { messageJsonSchema } from './json-schema.ts';
import { JsonScanner } from './json-scanner.ts';
import { messageFields } from './message-fields.ts';
import { Reading } from './reading.ts';
import { shapesOf } from './shapes.ts';

/** What JSON is like where nobody says otherwise. */
export const DEFAULT_JSON: JsonOptions = { unknownFields: 'refuse', emitDefaults: false, maxDepth: 32 };

/** However much is asked for: what lies deeper is an attack, and our stack ends somewhere. */
const MAX_DEPTH = 100;

/** Makes codecs of the types of a set. They share what is compiled, whatever their options. */
export type CodecFactory = (desc: DescMessage, options: JsonOptions) => MessageCodec;

/** A codec for each type that is asked for. */
export function messageCodecs(descriptors: Descriptors): CodecFactory {
  const shapes = shapesOf(descriptors);
  const fields = new Map<string, MessageFields>();
  const fieldsOf = (desc: DescMessage): MessageFields => {
    const known = fields.get(desc.typeName) ?? messageFields(desc, fieldsOf);
    fields.set(desc.typeName, known);
    return known;
  };
  const schemas = new Map<string, Json>();
  return (desc, given) => {
    const shape = shapes.of(desc);
    const options = { ...given, maxDepth: Math.min(given.maxDepth, MAX_DEPTH) };
    return {
      typeName: desc.typeName,
      fields: fieldsOf(desc),
      fromJson: (text) => {
        const scan = new JsonScanner(text, options);
        WRITER.pos = 0;
        shape.write(scan, WRITER);
        scan.finish();
        return WRITER.finish();
      },
      toJson: (bytes) => shape.read(new Reading(bytes, options), bytes.length),
      jsonSchema: () => {
        const schema = schemas.get(desc.typeName) ?? messageJsonSchema(desc, descriptors);
        schemas.set(desc.typeName, schema);
        return schema;
      },
    };
  };
}

/** One for the thread: nothing is written in two messages at once. What a fault has left in it is overwritten. */
const WRITER = new WireWriter();
