import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { TelemetryConfig } from '@turnpike/config';
import type { OtlpBatch, OtlpOutcome, OtlpSignal } from '../core/otlp-batch.ts';
import { systemClock, type Log } from '../core/ports.ts';
import { random, unpredictableSeed } from '../core/random.ts';
import { HttpClient } from '../identity/http/http-client.ts';
import { systemTimers } from '../identity/providers/clockwork.ts';
import { OtlpExporter } from '../observe/otlp/otlp-exporter.ts';
import { otlpResource, otlpSettings, type Environment } from '../observe/otlp/otlp-settings.ts';
import { endpointsOf, sharedWishes } from './otlp-wishes.ts';
import type { PemTexts } from './pem-texts.ts';

/** What the desk works with. */
export interface ExportDeskPorts {
  readonly log: Log;
  readonly version: string;
  readonly environment: Environment;
  readonly count: (signal: OtlpSignal, outcome: OtlpOutcome, items: number) => void;
}

/** What the main thread pushes to collectors for all threads and for itself. */
export class ExportDesk {
  readonly #ports: ExportDeskPorts;
  readonly #http = new HttpClient();
  readonly #exporters: Readonly<Record<OtlpSignal, OtlpExporter>>;
  readonly #facts;

  constructor(ports: ExportDeskPorts) {
    this.#ports = ports;
    this.#exporters = {
      traces: this.#exporter('traces'),
      logs: this.#exporter('logs'),
      metrics: this.#exporter('metrics'),
    };
    this.#facts = {
      version: ports.version,
      hostName: hostname(),
      instanceId: randomUUID(),
      processId: process.pid,
    };
  }

  /** Takes a configuration into use. */
  use(telemetry: TelemetryConfig, pems: PemTexts): void {
    const { environment } = this.#ports;
    const shared = sharedWishes(telemetry, pems);
    const resource = otlpResource(shared.resource, environment, this.#facts);
    for (const [signal, endpoint] of endpointsOf(telemetry)) {
      const settings = endpoint && otlpSettings(signal, { ...shared, ...endpoint }, environment);
      this.#exporters[signal].use(settings && { ...settings, resource });
    }
  }

  /** Takes what is to be exported. Costs nothing, and loses it, if its signal has no collector. */
  take(batch: OtlpBatch): void {
    this.#exporters[batch.signal].take(batch);
  }

  /** Sends what is left, for a moment. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#exporters).map((exporter) => exporter.close(CLOSE_GRACE_MS)));
    await this.#http.close();
  }

  #exporter(signal: OtlpSignal): OtlpExporter {
    const { log, version, count } = this.#ports;
    return new OtlpExporter(signal, {
      post: (url, request) =>
        this.#http.requestBytes(url, { ...request, method: 'POST', maxBytes: MAX_ANSWER_BYTES }),
      after: (ms, callBack) => systemTimers.after(ms, callBack),
      clock: systemClock,
      random: random(unpredictableSeed()),
      log,
      version,
      count: (outcome, items) => count(signal, outcome, items),
    });
  }
}

const CLOSE_GRACE_MS = 2000;
const MAX_ANSWER_BYTES = 64 * 1024;
