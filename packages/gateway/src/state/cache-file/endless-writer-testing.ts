/** For tests: a process that writes the same file again and again, until it is killed. */
import { entriesOf, write } from './cache-file-testing.ts';

const [path = ''] = process.argv.slice(2);
for (;;) {
  await write(path, entriesOf(60, 100_000));
  process.stdout.write('.');
}
