import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseYaml } from '@turnpike/config/load';
import { Failure } from '../../exit-codes.ts';

type Section = Readonly<Record<string, unknown>>;

/** Reads one document of a file, in YAML or JSON; `-` is standard input. */
export async function readDocument(file: string): Promise<Section> {
  const content = await contentOf(file);
  const { value, faults } = parseYaml(content);
  const [fault] = faults;
  if (fault !== undefined) {
    const { line, column } = fault.position;
    throw new Failure(`${file}:${line}:${column}: ${fault.message}`);
  }
  if (!isMapping(value)) throw new Failure(`${file}: expected a mapping`);
  return value;
}

/** Reads several as one. What stands in two of them is refused: which of them was meant? */
export async function readDocuments(files: readonly string[]): Promise<Record<string, Section>> {
  const sections: Record<string, Record<string, unknown>> = Object.create(null);
  for (const file of files) {
    for (const [section, entries] of Object.entries(await readDocument(file))) {
      if (entries !== null && !isMapping(entries)) throw new Failure(`${file}: ${section} is no mapping`);
      const known = (sections[section] ??= Object.create(null) as Record<string, unknown>);
      for (const [name, document] of Object.entries(entries ?? {})) {
        if (Object.hasOwn(known, name))
          throw new Failure(`${file}: ${section}.${name} stands in another file as well`);
        known[name] = document;
      }
    }
  }
  return sections;
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(`${file} cannot be read`, { cause: error });
  }
}

function isMapping(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
