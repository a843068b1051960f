import type { GatewayConfig } from '@turnpike/config';
import type { Errand, News } from '../../gateway/src/core/desk.ts';
import type { OtlpBatch } from '../../gateway/src/core/otlp-batch.ts';
import type { Log } from '../../gateway/src/core/ports.ts';
import type { Slots } from '../../gateway/src/upstream/balance/slots.ts';
import { BackOffice } from '../../gateway/src/threads/back-office.ts';
import type { DataPlane } from '../../gateway/src/threads/data-plane.ts';
import { DeskLine, outcomeOf } from '../../gateway/src/threads/desk-line.ts';

/** What an office needs of its test. */
export interface PlaneOfficeParts {
  readonly log: Log;
  readonly stateDirectory: string;
  readonly slots: Slots;
  readonly takeTelemetry: (batch: OtlpBatch) => void;
}

/** The back office of a plane, in the test's own process. What crosses threads in a gateway is cloned here as well. */
export class PlaneOffice {
  readonly desk: DeskLine;
  readonly #office: BackOffice;
  #plane: DataPlane | null = null;

  constructor(parts: PlaneOfficeParts) {
    const publish = (news: News): void => this.#plane?.hear(structuredClone(news));
    this.#office = new BackOffice({
      ...parts,
      watch: true,
      sharedStorage: null,
      publish,
      threads: 1,
      certificateOrdered: () => {},
      takeTapped: () => {},
      keepTrace: () => {},
    });
    this.desk = new DeskLine((number, errand) => void this.#run(number, structuredClone(errand)));
  }

  /** What a plane begins with. */
  get news(): readonly News[] {
    return this.#office.news;
  }

  use(config: GatewayConfig): Promise<void> {
    return this.#office.use(config);
  }

  /** From now on this plane hears the news. */
  serve(plane: DataPlane): void {
    this.#plane = plane;
  }

  close(): Promise<void> {
    return this.#office.close();
  }

  async #run(number: number, errand: Errand): Promise<void> {
    const outcome = await outcomeOf(errand, (asked) => this.#office.run(asked));
    this.desk.hear(number, structuredClone(outcome));
  }
}
