import {
  createFileRegistry,
  type DescEnum,
  type DescField,
  type DescMessage,
  type DescMethod,
  type DescService,
  type FileRegistry,
  create,
  fromBinary,
} from '@bufbuild/protobuf';
import {
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { BUILT_IN_SET } from './built-in-set.ts';

export type { DescEnum, DescField, DescMessage, DescMethod, DescService };

/** What a set of descriptors says. */
export interface Descriptors {
  /** Of its own files, in their order. */
  readonly services: readonly DescService[];
  /** By `package.Message`; well-known types are there too. */
  message(typeName: string): DescMessage | undefined;
  /** What the source says of something, or `''`: sets may come without comments. */
  commentOf(thing: DescMessage | DescEnum | DescField | DescService | DescMethod): string;
}

/** Both bring all imports along. */
const HOW_TO_MAKE_IT =
  'make it with: protoc --include_imports --descriptor_set_out=FILE …, or: buf build -o FILE.binpb';

/** A set that cannot be used. Its message is for who made it. */
export class DescriptorFault extends Error {
  override readonly name = 'DescriptorFault';
}

/**
 * Reads a FileDescriptorSet, or an image of buf, which is one too. The well-known types and the annotations of HTTP need not be
 * in it. Throws `DescriptorFault` when it is none, or lacks a file that it imports.
 */
export function openDescriptors(set: Uint8Array): Descriptors {
  const own = parseSet(set);
  const files = inOrder(own);
  const registry = registryOf(files);
  const ownNames = new Set(own.map(({ name }) => name));
  const comments = new Comments();
  return {
    services: Array.from(registry.files)
      .filter(({ proto }) => ownNames.has(proto.name))
      .flatMap(({ services }) => services),
    message: (typeName) => registry.getMessage(typeName),
    commentOf: (thing) => comments.of(thing),
  };
}

function parseSet(set: Uint8Array): readonly FileDescriptorProto[] {
  let files: readonly FileDescriptorProto[];
  try {
    files = fromBinary(FileDescriptorSetSchema, set).file;
  } catch {
    throw new DescriptorFault(`it is no FileDescriptorSet; ${HOW_TO_MAKE_IT}`);
  }
  // What is no set parses as one surprisingly often, with all its fields unknown.
  if (files.length === 0 || files.some(({ name }) => name === ''))
    throw new DescriptorFault(`it has no files; ${HOW_TO_MAKE_IT}`);
  return files;
}

/** Each after those that it imports, with those built in that are needed. */
function inOrder(own: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(builtIn().map((file) => [file.name, file]));
  for (const file of own) byName.set(file.name, file);
  const ordered = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto, importers: readonly string[]): void => {
    if (ordered.has(file)) return;
    if (importers.includes(file.name)) throw new DescriptorFault(`${file.name} imports itself, over others`);
    for (const name of file.dependency) {
      const imported = byName.get(name);
      if (imported === undefined) throw new DescriptorFault(missing(name, file.name));
      visit(imported, [...importers, file.name]);
    }
    ordered.add(file);
  };
  for (const file of own) visit(file, []);
  // They may come in an Any without being imported.
  for (const file of builtIn()) visit(byName.get(file.name) ?? file, []);
  return [...ordered];
}

function missing(name: string, importer: string): string {
  return `it lacks ${name}, which ${importer} imports; ${HOW_TO_MAKE_IT}`;
}

function registryOf(file: FileDescriptorProto[]): FileRegistry {
  try {
    return createFileRegistry(create(FileDescriptorSetSchema, { file }));
  } catch (error) {
    throw new DescriptorFault(
      `it cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

let known: readonly FileDescriptorProto[] | null = null;

/** Files that need not be in a set. */
function builtIn(): readonly FileDescriptorProto[] {
  known ??= [
    ...WELL_KNOWN.map(({ proto }) => proto),
    ...fromBinary(FileDescriptorSetSchema, Buffer.from(BUILT_IN_SET, 'base64')).file,
  ];
  return known;
}

const WELL_KNOWN = [
  file_google_protobuf_any,
  file_google_protobuf_api,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_source_context,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_type,
  file_google_protobuf_wrappers,
];

type Commented = Parameters<Descriptors['commentOf']>[0];

/** Comments are kept by a path of field numbers and indices (`SourceCodeInfo` in descriptor.proto). */
class Comments {
  readonly #byFile = new Map<FileDescriptorProto, ReadonlyMap<string, string>>();

  of(thing: Commented): string {
    const { proto } = fileOf(thing);
    const known = this.#byFile.get(proto) ?? commentsIn(proto);
    this.#byFile.set(proto, known);
    return known.get(pathOf(thing).join()) ?? '';
  }
}

function commentsIn({ sourceCodeInfo }: FileDescriptorProto): ReadonlyMap<string, string> {
  const found = (sourceCodeInfo?.location ?? []).flatMap(
    ({ path, leadingComments, trailingComments }): [string, string][] => {
      const text = tidy(leadingComments || trailingComments);
      return text === '' ? [] : [[path.join(), text]];
    },
  );
  return new Map(found);
}

function tidy(comment: string): string {
  const lines = comment.split('\n').map((line) => line.trim());
  return lines.join('\n').trim();
}

function fileOf(thing: Commented) {
  if (thing.kind === 'field') return thing.parent.file;
  return thing.kind === 'rpc' ? thing.parent.file : thing.file;
}

/** Numbers are those of descriptor.proto: messages 4, enums 5 and services 6 of a file; messages 3, enums 4, fields 2 of a message; methods 2. */
function pathOf(thing: Commented): readonly number[] {
  switch (thing.kind) {
    case 'field':
      return [...pathOf(thing.parent), 2, thing.parent.proto.field.indexOf(thing.proto)];
    case 'rpc':
      return [...pathOf(thing.parent), 2, thing.parent.proto.method.indexOf(thing.proto)];
    case 'service':
      return [6, thing.file.proto.service.indexOf(thing.proto)];
    case 'message':
      return thing.parent === undefined
        ? [4, thing.file.proto.messageType.indexOf(thing.proto)]
        : [...pathOf(thing.parent), 3, thing.parent.proto.nestedType.indexOf(thing.proto)];
    case 'enum':
      return thing.parent === undefined
        ? [5, thing.file.proto.enumType.indexOf(thing.proto)]
        : [...pathOf(thing.parent), 4, thing.parent.proto.enumType.indexOf(thing.proto)];
    default:
      return thing satisfies never;
  }
}
