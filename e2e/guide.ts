import assert from 'node:assert/strict';

/** Does what a guide says: each `$ curl …` prints what is below it. Gives how many there were. */
export async function followGuide(guide: string, port: string): Promise<number> {
  const lines = Array.from(guide.matchAll(/^\$ (curl .*)\n((?:[^$`].*\n)*)/gm));
  for (const [, line = '', output = ''] of lines) {
    const text = await curl(line.replace(':8080', `:${port}`));
    assert.equal(text.trim(), output.trim(), line);
  }
  return lines.length;
}

/** What `curl` would print; the guide uses -X, -d and -H. */
async function curl(line: string): Promise<string> {
  const words = Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain = '']) => quoted ?? plain);
  const after = (option: string): string[] => words.filter((_, i) => words[i - 1] === option);
  const [body = null] = after('-d');
  const [method = body === null ? 'GET' : 'POST'] = after('-X');
  const headers = after('-H').map((field) => field.split(/: (.*)/, 2) as [string, string]);
  const url = words.find((word) => word.startsWith('http:')) ?? assert.fail(line);
  return (await fetch(url, { method, headers, body })).text();
}
