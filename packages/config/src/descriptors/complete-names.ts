/** What of a file is needed to find types by their names; the parts of descriptor.proto with these fields. */
interface NamingFile {
  package: string;
  messageType: NamingMessage[];
  enumType: { name: string }[];
  extension: NamingField[];
  service: { method: { inputType: string; outputType: string }[] }[];
}
interface NamingMessage {
  name: string;
  field: NamingField[];
  nestedType: NamingMessage[];
  enumType: { name: string }[];
  extension: NamingField[];
}
interface NamingField {
  name: string;
  jsonName: string;
  typeName: string;
  extendee: string;
}

/**
 * Writes what compilers write and descriptors need not have, which shows when servers describe themselves: every reference to
 * a type from the root (`.package.Message`; descriptor.proto, `type_name`), and the JSON name of every field. Changes the files.
 */
export function completeNames(files: readonly NamingFile[]): void {
  const declared = new Set<string>();
  for (const file of files) for (const name of namesIn(file, rootOf(file))) declared.add(name);
  for (const file of files) {
    const scope = rootOf(file);
    for (const field of file.extension) fixField(field, scope, declared);
    for (const message of file.messageType) fixMessage(message, scope, declared);
    for (const { method } of file.service) {
      for (const one of method) {
        one.inputType = absolute(one.inputType, scope, declared);
        one.outputType = absolute(one.outputType, scope, declared);
      }
    }
  }
}

function rootOf({ package: name }: NamingFile): string {
  return name === '' ? '' : `.${name}`;
}

function namesIn(
  { messageType, enumType }: Pick<NamingFile, 'messageType' | 'enumType'>,
  scope: string,
): string[] {
  return [
    ...enumType.map(({ name }) => `${scope}.${name}`),
    ...messageType.flatMap((message) => {
      const own = `${scope}.${message.name}`;
      return [own, ...namesIn({ messageType: message.nestedType, enumType: message.enumType }, own)];
    }),
  ];
}

function fixMessage(message: NamingMessage, outer: string, declared: ReadonlySet<string>): void {
  const scope = `${outer}.${message.name}`;
  for (const field of [...message.field, ...message.extension]) fixField(field, scope, declared);
  for (const nested of message.nestedType) fixMessage(nested, scope, declared);
}

function fixField(field: NamingField, scope: string, declared: ReadonlySet<string>): void {
  if (field.jsonName === '') field.jsonName = jsonName(field.name);
  field.typeName = absolute(field.typeName, scope, declared);
  field.extendee = absolute(field.extendee, scope, declared);
}

/** From the innermost scope outwards. What is nowhere stays as it is, and is told later. */
function absolute(name: string, scope: string, declared: ReadonlySet<string>): string {
  if (name === '' || name.startsWith('.')) return name;
  for (let within = scope; ; within = within.slice(0, within.lastIndexOf('.'))) {
    if (declared.has(`${within}.${name}`)) return `${within}.${name}`;
    if (within === '') return name;
  }
}

/** `user_id` to `userId`, as protoc does it: also `_a__b` to `AB`. */
function jsonName(name: string): string {
  return name.replaceAll(/_+(.?)/g, (_match, next: string) => next.toUpperCase());
}
