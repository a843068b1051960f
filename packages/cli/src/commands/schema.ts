import { writeFile } from 'node:fs/promises';
import { configSchema, testFileSchema } from '@turnpike/config';
import type { Command } from '../command.ts';
import { EXIT, Failure } from '../exit-codes.ts';

/** `turnpike schema`. */
export const schema: Command = {
  name: 'schema',
  summary: 'print the JSON Schema of the configuration, for editors',
  description:
    'Prints the JSON Schema (2020-12) of the configuration language. With it an editor completes keys, explains them, and ' +
    'marks mistakes while you type. In a YAML file this line, at the top, names it to the YAML extension of most editors:\n\n' +
    '  # yaml-language-server: $schema=turnpike.schema.json',
  parameters: [],
  options: [
    { name: 'out', short: 'o', value: { kind: 'text', name: 'FILE' }, about: 'write it to a file' },
    { name: 'tests', value: { kind: 'none' }, about: 'that of files for turnpike test' },
  ],
  examples: [
    { line: 'turnpike schema --out turnpike.schema.json', about: 'for an editor' },
    { line: 'turnpike schema | jq .properties.routes', about: 'to read a part' },
  ],
  exitCodes: [EXIT.ok, EXIT.failure, EXIT.usage],
  run: async (given, { out, err }) => {
    const published = given.has('tests') ? testFileSchema() : configSchema();
    const text = JSON.stringify(published, null, 2);
    const file = given.text('out');
    if (file === undefined) {
      out.print(text);
      return EXIT.ok;
    }
    try {
      await writeFile(file, `${text}\n`);
    } catch (error) {
      throw new Failure(`the schema cannot be written to ${file}`, { cause: error });
    }
    err.print(`The schema is in ${file}`);
    return EXIT.ok;
  },
};
