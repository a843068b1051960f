import { isDeepStrictEqual } from 'node:util';
import type { AccessLogConfig } from '@turnpike/config';
import type { Exchange } from '../core/exchange.ts';
import type { Log } from '../core/ports.ts';
import { lossReport } from '../observe/loss-report.ts';
import { openAccessLog, type AccessLog } from '../observe/access-log.ts';
import type { OwnFieldsOf } from '../observe/own-fields.ts';
import { openOtlpLog } from '../observe/otlp-log.ts';
import type { OtlpOutbox } from '../observe/otlp/otlp-outbox.ts';
import { sampling } from '../observe/sampling.ts';
import { logFields, type LogFieldPorts } from '../route-log-fields.ts';

/** What the logs of a thread need. */
export interface ThreadLogsPorts extends LogFieldPorts {
  readonly log: Log;
  readonly countDropped: (lines: number) => void;
  /** Where records for a collector are put. */
  readonly openOutbox: () => OtlpOutbox;
}

/** A log that is open. Its fields are made anew with each snapshot, because routes have other paths then. */
interface OpenLog {
  readonly config: AccessLogConfig;
  readonly log: AccessLog;
  readonly fields: { of: OwnFieldsOf | null };
}

/** The access logs of one thread. */
export class ThreadLogs {
  readonly #ports: ThreadLogsPorts;
  #logs: readonly OpenLog[] = [];

  constructor(ports: ThreadLogsPorts) {
    this.#ports = ports;
  }

  /** Writes to these logs from now on. Throws, and goes on with the old, if one of them cannot be opened. */
  async use(configs: readonly AccessLogConfig[]): Promise<void> {
    const before = this.#logs;
    this.#logs = this.#opened(configs);
    for (const { config, fields } of this.#logs) fields.of = logFields(config, this.#ports);
    const gone = before.filter((one) => !this.#logs.includes(one));
    await Promise.all(gone.map(({ log }) => log.close()));
  }

  record(exchange: Exchange, endedAtMs: number): void {
    for (const { log } of this.#logs) log.record(exchange, endedAtMs);
  }

  /** Opens files anew. Rejects if one could not be opened: that log goes on with the file that it has. */
  async reopen(): Promise<void> {
    const results = await Promise.allSettled(this.#logs.map(({ log }) => log.reopen()));
    const failed = results.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  async close(): Promise<void> {
    await Promise.all(this.#logs.map(({ log }) => log.close()));
  }

  /** Those that are open already, if nothing of them changed, and new ones. */
  #opened(configs: readonly AccessLogConfig[]): readonly OpenLog[] {
    const fresh: OpenLog[] = [];
    try {
      return configs.map((config) => {
        const same = this.#logs.find((one) => isDeepStrictEqual(one.config, config));
        if (same !== undefined) return same;
        const opened = this.#open(config);
        fresh.push(opened);
        return opened;
      });
    } catch (error) {
      for (const { log } of fresh) void log.close();
      throw error;
    }
  }

  #open(config: AccessLogConfig): OpenLog {
    const { to, format: form, fields: own } = config;
    const fields: OpenLog['fields'] = { of: null };
    const what = {
      ownFieldsOf: own.length === 0 ? null : (route: string) => fields.of?.(route) ?? [],
      sample: sampling(config),
    };
    const { clock, log: told, openOutbox } = this.#ports;
    const tellLoss = lossReport(told, clock);
    const log =
      to.kind === 'otlp'
        ? openOtlpLog({ ...what, clock, outbox: openOutbox() })
        : openAccessLog({
            ...what,
            form,
            to: to.kind === 'file' ? to.path : to.kind,
            whenDropped: (lines, problem) => {
              this.#ports.countDropped(lines);
              tellLoss(lines, problem);
            },
            whenFailing: (error) =>
              told.error('the access log cannot be written, and is held for a while', { error }),
          });
    return { config, log, fields };
  }
}
