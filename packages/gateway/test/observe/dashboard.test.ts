import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { promtoolOn, withoutPrometheus } from '@turnpike/testkit/prometheus-server';
import { grafanaDashboard } from '../../src/observe/dashboard/dashboard.ts';
import { SHAPES } from '../../src/observe/metric-shape.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
  readonly panels?: readonly Panel[];
}

const { panels } = JSON.parse(grafanaDashboard()) as { readonly panels: readonly Panel[] };
const all = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
const queries = all.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

describe('the dashboard for Grafana', () => {
  it('has every metric of the catalogue', () => {
    const text = queries.join('\n');
    for (const { name } of SHAPES) assert.match(text, new RegExp(`\\b${name}(_bucket)?\\{`), name);
  });

  it('has panels that are told apart and do not lie on each other', () => {
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: h * w }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    assert.equal(new Set(cells).size, cells.length);
    assert.ok(all.every(({ gridPos: { x, w } }) => x + w <= 24));
  });

  it('asks what Prometheus understands', { skip: withoutPrometheus() }, async () => {
    const rules = queries.map((expr, i) => ({
      record: `query:${i}`,
      expr: expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$(instance|route|service)/g, '.*'),
    }));
    assert.doesNotMatch(rules.map(({ expr }) => expr).join('\n'), /\$/);
    const file = JSON.stringify({ groups: [{ name: 'dashboard', rules }] });
    const out = await promtoolOn({ 'rules.yml': file }, ['check', 'rules', 'rules.yml']);
    assert.match(out, new RegExp(`SUCCESS: ${rules.length} rules found`));
  });
});
