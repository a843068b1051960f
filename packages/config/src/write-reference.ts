import { mkdir, writeFile } from 'node:fs/promises';
import { referenceMarkdown } from './reference.ts';
import { documentSchema } from './schema/document.ts';
import { asJsonSchema } from './schema/typebox.ts';

// Writes docs/reference/configuration.md anew: `node packages/config/src/write-reference.ts`.

const directory = new URL('../../../docs/reference/', import.meta.url);
await mkdir(directory, { recursive: true });
await writeFile(new URL('configuration.md', directory), referenceMarkdown(asJsonSchema(documentSchema)));
