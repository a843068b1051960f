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
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { completeNames } from './complete-names.ts';
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
  completeNames([...builtIn(), ...own]);
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

/**
 * Each after those that it needs. Some servers describe themselves in files that import nothing, or in one file a package, so what
 * a file refers to counts like its imports; and what is built in is taken from us, because they get that wrong as well.
 */
function inOrder(given: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const own = given.filter((file) => !isKnownToUs(file));
  const ours = builtIn().filter((file) => !own.some(({ name }) => name === file.name));
  const declaredIn = new Map(
    [...ours, ...own].flatMap((file) => declaredNames(file).map((name) => [name, file] as const)),
  );
  const byName = new Map([...ours, ...own].map((file) => [file.name, file]));
  const isGiven = new Set(given.map(({ name }) => name));
  const ordered = new Set<FileDescriptorProto>();
  const visit = (file: FileDescriptorProto, importers: readonly FileDescriptorProto[]): void => {
    if (ordered.has(file) || importers.includes(file)) return;
    for (const name of file.dependency) {
      const imported = byName.get(name);
      if (imported === undefined && !isGiven.has(name)) throw new DescriptorFault(missing(name, file.name));
      if (imported !== undefined && importers.includes(imported))
        throw new DescriptorFault(`${file.name} imports itself, over others`);
      if (imported !== undefined) visit(imported, [...importers, file]);
    }
    for (const name of namesUsed(file)) {
      const other = declaredIn.get(name);
      if (other !== undefined) visit(other, [...importers, file]);
    }
    ordered.add(file);
  };
  for (const file of own) visit(file, []);
  // They may come in an Any without being imported.
  for (const file of ours) visit(file, []);
  return Array.from(ordered, (file) => withKnownImports(file, byName));
}

/** Whether it has nothing that is not built in. */
function isKnownToUs(file: FileDescriptorProto): boolean {
  const ours = builtIn();
  const names = declaredNames(file);
  const known = new Set(ours.flatMap(declaredNames));
  const isOurs = names.length > 0 || ours.some(({ name }) => name === file.name);
  return isOurs && file.service.length === 0 && names.every((name) => known.has(name));
}

/** Whose types stand in another file does not import the one in which they were expected. */
function withKnownImports(
  file: FileDescriptorProto,
  byName: ReadonlyMap<string, FileDescriptorProto>,
): FileDescriptorProto {
  if (file.dependency.every((name) => byName.has(name))) return file;
  return { ...file, dependency: file.dependency.filter((name) => byName.has(name)) };
}

/** With a dot in front, as they are referred to. */
function declaredNames({ package: scope, messageType, enumType }: FileDescriptorProto): string[] {
  const prefix = scope === '' ? '' : `.${scope}`;
  return [...messageType, ...enumType].map(({ name }) => `${prefix}.${name}`);
}

/** Types that a file refers to, by the name of the outermost message that they are in. */
function namesUsed({ messageType, extension, service, package: scope }: FileDescriptorProto): Set<string> {
  const names = new Set<string>();
  const add = (typeName: string): void => {
    const parts = typeName.split('.');
    // Which part is the message is not told: all that it may be.
    for (let length = 2; length <= parts.length; length++) names.add(parts.slice(0, length).join('.'));
  };
  const addMessage = ({ field, nestedType, extension: inner }: DescriptorProto): void => {
    for (const { typeName, extendee } of [...field, ...inner]) [typeName, extendee].forEach(add);
    nestedType.forEach(addMessage);
  };
  messageType.forEach(addMessage);
  for (const { typeName, extendee } of extension) [typeName, extendee].forEach(add);
  for (const { method } of service)
    for (const { inputType, outputType } of method) [inputType, outputType].forEach(add);
  names.delete(`.${scope}`);
  return names;
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
