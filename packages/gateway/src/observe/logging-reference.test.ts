import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { exchangeFrom } from '../core/exchange-testing.ts';
import type { Exchange } from '../core/exchange.ts';
import { traceIds } from '../core/trace-ids.ts';
import { SILENT_CALLER, Trace } from '../core/trace.ts';
import { jsonLines } from './access-log-line.ts';
import { ecsLines } from './ecs-line.ts';
import { utmostExchange } from './log-lines-testing.ts';
import { timeTexts } from './log-time.ts';
import { openOtlpLog } from './otlp-log.ts';
import type { LogItem } from './otlp/log-item.ts';
import type { OwnField } from './own-fields.ts';

const page = readFileSync(new URL('../../../../docs/logging.md', import.meta.url), 'utf8');

/** The names in the first column of the table of a section. */
function documented(section: string): Set<string> {
  const text = page.slice(page.indexOf(`### \`${section}\``)).split(/\n##/)[0] ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const cells = rows.map((row) => row.split('|')[1] ?? '');
  return new Set(cells.flatMap((cell) => Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name)));
}

const own: OwnField[] = [{ name: 'NAME', read: () => 'a' }];
const parts = { timeText: timeTexts(() => 0), ownFieldsOf: () => own };

/** Exchanges that have everything between them. */
function exchanges(): Exchange[] {
  const full = utmostExchange();
  for (const name of ['service', 'endpoint', 'route'] as const) full.record[name] = 'name';
  const home = { ids: traceIds(), nowMs: () => 0 };
  const start = { id: 'a'.repeat(32), flags: 1, caller: SILENT_CALLER, route: '', isRecorded: true };
  full.trace = new Trace(home, start);
  full.record.lost = full.record.lost?.map((attempt) => ({ ...attempt, endpoint: 'a' })) ?? null;
  Object.assign(full, { path: '/', id: 'a' });
  const byAddress = exchangeFrom({}, { endpoint: '10.0.0.1:80', route: 'a' });
  const byName = exchangeFrom({}, { endpoint: 'orders:80', route: 'b' });
  return [full, byAddress, byName];
}

function leavesOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, inner]) =>
    leavesOf(inner, path === '' ? name : `${path}.${name}`),
  );
}

describe('docs/logging.md', () => {
  it('has every field of our JSON, and no other', () => {
    const write = jsonLines(parts);
    const names = exchanges().flatMap((exchange) => Object.keys(JSON.parse(write(exchange, 2000, 0.5))));
    assert.deepEqual([...documented('json')].sort(), [...new Set(names)].sort());
  });

  it('has every field of the common schema, and no other', () => {
    const write = ecsLines(parts);
    const names = exchanges().flatMap((exchange) => leavesOf(JSON.parse(write(exchange, 2000, 0.5)), ''));
    assert.deepEqual([...documented('ecs')].sort(), [...new Set(names)].sort());
  });

  it('has every attribute of log records, and no other', () => {
    const items: LogItem[] = [];
    const log = openOtlpLog({
      outbox: { add: (_, item) => void items.push(item as unknown as LogItem), close: () => {} },
      clock: { now: () => 0, epoch: () => 0 },
      ownFieldsOf: null,
      sample: () => 0.5,
    });
    for (const exchange of exchanges()) log.record(exchange, 2000);
    const names = items.flatMap(({ attributes }) => attributes.map(([name]) => name));
    assert.deepEqual([...documented('to: otlp')].sort(), [...new Set(names)].sort());
  });

  it('has a line of JSON as it is written', () => {
    const [, example = ''] = /```json\n(.*)\n```/.exec(page) ?? [];
    const known = documented('json');
    for (const name of Object.keys(JSON.parse(example))) assert.ok(known.has(name), name);
  });
});
