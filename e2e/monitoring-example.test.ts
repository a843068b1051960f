// examples/monitoring has generated files; this holds them against what makes them, and Prometheus against all of it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promtoolOn, withoutPrometheus } from '@turnpike/testkit/prometheus-server';
import { root, turnpike } from './cli-program.ts';

const EXAMPLE = join(root, 'examples/monitoring');

describe('the example with Prometheus and Grafana', { timeout: 60_000 }, () => {
  it('has the rules of its alerts', async () => {
    const { code, out } = await turnpike(['rules', '--config', 'gateway.yaml'], { cwd: EXAMPLE });
    assert.equal(code, 0);
    assert.equal(out, fileText('turnpike.rules.yml'));
  });

  it('has the dashboard of this version', async () => {
    const { code, out } = await turnpike(['dashboard']);
    assert.equal(code, 0);
    assert.equal(out, fileText('grafana/dashboards/turnpike.json'), 'made by: npm run docs');
  });

  it('is understood by Prometheus', { skip: withoutPrometheus() }, async () => {
    const names = ['prometheus.yml', 'turnpike.rules.yml'];
    const files = Object.fromEntries(names.map((name) => [name, fileText(name)]));
    assert.match(await promtoolOn(files, ['check', 'config', 'prometheus.yml']), /SUCCESS: 6 rules found/);
  });

  it('gives no rules of a configuration that cannot be used', async () => {
    const { code, out, err } = await turnpike(['rules', '--config', 'nowhere.yaml'], { cwd: EXAMPLE });
    assert.notEqual(code, 0);
    assert.equal(out, '');
    assert.notEqual(err, '');
  });
});

function fileText(name: string): string {
  return readFileSync(join(EXAMPLE, name), 'utf8');
}
