// `npm run docs`: writes everything anew that is made from code. A test fails when something of it is old.
import { writeFileSync } from 'node:fs';
import { generatedPages } from './reference/pages.ts';

for (const [path, text] of Object.entries(generatedPages())) {
  writeFileSync(new URL(`../${path}`, import.meta.url), text);
  console.log(path);
}
