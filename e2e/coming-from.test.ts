// docs/coming-from.md shows what becomes of files of other gateways; this checks ours, and asks where requests go.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { directoryWith, root, turnpike } from './cli-program.ts';

const page = readFileSync(join(root, 'docs/coming-from.md'), 'utf8');
const ENVIRONMENT = { ACME_KEY: 'acme-key-0123456789' };

/** What stands below a heading, up to the next of its rank. */
function section(heading: string): string {
  return page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? assert.fail(heading);
}

/** The configuration of ours below a heading, with the files that it names. */
function written(context: TestContext, heading: string): string {
  const [, text = ''] = /^```yaml\n(# gateway\.yaml\n.*?)^```/ms.exec(section(heading)) ?? [];
  const cwd = directoryWith(context, { 'gateway.yaml': text });
  if (text.includes('certs/')) makeCertificate(cwd);
  return cwd;
}

function makeCertificate(cwd: string): void {
  mkdirSync(join(cwd, 'certs'));
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=shop';
  const files = ['-addext', 'subjectAltName=DNS:shop.example.com', '-keyout', 'shop.key', '-out', 'shop.pem'];
  const { status, stderr } = spawnSync('openssl', [...request.split(' '), ...files], {
    cwd: join(cwd, 'certs'),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}

for (const heading of ['Kong', 'NGINX', 'Express Gateway']) {
  describe(`what is shown for those who come from ${heading}`, () => {
    it('can be used, and nothing is wrong with it', async (context) => {
      const cwd = written(context, heading);
      const { code, out, err } = await turnpike(['check'], { cwd, env: ENVIRONMENT });
      assert.equal(code, 0, out + err);
    });

    it('sends a request where the page says', async (context) => {
      const cwd = written(context, heading);
      const [, line = '', output = ''] =
        /^```console\n\$ turnpike ([^\n]*)\n(.*?)^```/ms.exec(section(heading)) ?? [];
      const { out } = await turnpike(line.split(' '), { cwd, env: ENVIRONMENT });
      const parts = output
        .trim()
        .split('…')
        .map((part) => RegExp.escape(part));
      assert.match(out.trim(), new RegExp(`^${parts.join('.*')}$`, 's'), line);
    });
  });
}
