import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { logOf } from '../core/log-component.ts';
import { coloured, plain, prettyLine } from './pretty-line.ts';
import { logThrough, openProcessLog, type LogEntry, type ProcessLog } from './process-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'turnpike-log-'));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

/** What a log writes into a file. */
async function written(use: (log: ProcessLog) => void, redact?: (text: string) => string) {
  const path = join(folder, `log-${++files}`);
  const fd = openSync(path, 'w');
  const log = openProcessLog({ level: 'info', fd, ...(redact === undefined ? {} : { redact }) });
  use(log);
  await log.flush();
  closeSync(fd);
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the program log', () => {
  it('writes JSON where nobody watches, from its level on', async () => {
    const [line, ...others] = await written((log) => {
      log.debug('not this');
      log.info('configuration applied', { revision: 7 });
    });
    assert.equal(others.length, 0);
    const { time, ...rest } = line ?? {};
    assert.deepEqual(rest, { level: 'info', message: 'configuration applied', revision: 7 });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('changes its level and its form while it is open', async () => {
    const path = join(folder, 'changed');
    const fd = openSync(path, 'w');
    const log = openProcessLog({ level: 'info', fd });
    log.setLevels({ level: 'debug', components: {} });
    log.debug('now this');
    log.setFormat('text');
    log.info('as text', { n: 1 });
    log.setFormat('auto');
    log.setLevels({ level: 'error', components: {} });
    log.warn('not this');
    log.error('as JSON');
    assert.equal(log.levels.level, 'error');
    await log.flush();
    closeSync(fd);
    const [first = '', second = '', third = '', ...others] = readFileSync(path, 'utf8').split('\n');
    assert.deepEqual(
      [JSON.parse(first).message, JSON.parse(third).message, others],
      ['now this', 'as JSON', ['']],
    );
    assert.match(second, /^\d\d:\d\d:\d\d\.\d{3} INFO  as text n=1$/);
  });

  it('has levels of their own for parts of the program, which their entries name', async () => {
    const lines = await written((log) => {
      log.setLevels({ level: 'warn', components: { cache: 'debug', threads: 'error' } });
      for (const component of ['cache', 'threads', 'alerts'] as const)
        for (const level of ['debug', 'warn', 'error'] as const) logOf(log, component)[level](level);
      log.info('of no part');
      logOf(logOf(log, 'threads'), 'cache').debug('the innermost counts');
      log.debug('of an unknown part', { component: 'constructor' });
    });
    assert.deepEqual(
      lines.map(({ component, message }) => `${String(component)} ${String(message)}`),
      [
        'cache debug',
        'cache warn',
        'cache error',
        'threads error',
        'alerts warn',
        'alerts error',
        'cache the innermost counts',
      ],
    );
  });

  it('writes an error with its stack and causes', async () => {
    const error = new TypeError('outer', {
      cause: Object.assign(new Error('inner'), { code: 'ECONNRESET' }),
    });
    const [line] = await written((log) => log.error('failed', { error }));
    const failure = line?.['error'] as { type: string; stack: string; cause: { code: string } };
    assert.match(failure.stack, /process-log\.test/);
    assert.equal(failure.type, 'TypeError');
    assert.equal(failure.cause.code, 'ECONNRESET');
  });

  it('redacts messages, fields and errors', async () => {
    const lines = await written(
      (log) =>
        log.warn('got hunter2', {
          a: { b: ['hunter2'] },
          error: new Error('hunter2'),
          url: new URL('http://h/hunter2'),
        }),
      (text) => text.replaceAll('hunter2', '***'),
    );
    assert.equal(lines.length, 1);
    assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
  });

  it('takes anything for a field', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const thrower = Object.defineProperty({}, 'x', { enumerable: true, get: () => assert.fail('no') });
    const odd = {
      big: 1n,
      cycle,
      thrower,
      undef: undefined,
      fn: () => 1,
      symbol: Symbol('s'),
      bytes: Buffer.from('abc'),
    };
    const [line] = await written((log) =>
      log.info('odd', { ...odd, time: 'mine', level: 'mine', message: 'mine', when: new Date(NaN) }),
    );
    assert.equal(line?.['message'], 'odd');
    assert.equal(line['message_'], 'mine');
    assert.equal(line['big'], '1');
    assert.equal(line['bytes'], '[3 bytes]');
    assert.equal(line['when'], null);
    assert.match(String(line['thrower']), /unreadable/);
  });

  it('writes what data threads send, which can be cloned', async () => {
    const sent: LogEntry[] = [];
    const log = logThrough((entry) => sent.push(structuredClone(entry)), { level: 'info', components: {} });
    log.debug('not this');
    log.warn('odd', { error: new Error('e'), fn() {} });
    const [line] = await written((log) => sent.forEach((entry) => log.write(entry)));
    assert.equal(sent.length, 1);
    const failure = line?.['error'] as { message: string };
    assert.equal(failure.message, 'e');
  });
});

describe('a line for people', () => {
  const entry = {
    time: '2026-01-02T03:04:05.678Z',
    level: 'warn',
    message: 'slow \u001b[31m\u202e',
    n: 3,
    s: 'two words',
    w: '/a-b',
  };

  it('is short, and cannot drive the terminal', () => {
    const line = prettyLine(JSON.stringify(entry), plain);
    assert.equal(line, '03:04:05.678 WARN  slow \\u{1b}[31m\\u{202e} n=3 s="two words" w=/a-b\n');
  });

  it('shows the stack of an error below', () => {
    const error = { message: 'broken', stack: 'Error: broken\n    at here\n    at there' };
    const line = prettyLine(
      JSON.stringify({ ...entry, message: 'failed', n: undefined, s: undefined, w: undefined, error }),
      plain,
    );
    assert.equal(line, '03:04:05.678 WARN  failed error=broken\n    at here\n    at there\n');
  });

  it('has colour if wanted', () => {
    assert.ok(prettyLine(JSON.stringify(entry), coloured).includes('\u001b[33mWARN \u001b[0m'));
  });
});
