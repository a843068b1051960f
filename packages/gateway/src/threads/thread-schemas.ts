import { hash } from 'node:crypto';
import type { Desk, NewsStand } from '../core/desk.ts';
import type { GrpcSchemas } from '../core/grpc-schema.ts';
import type { Log } from '../core/ports.ts';
import type { TimingWheel } from '../core/timing-wheel.ts';
import { SchemaBoard, type DescriptorSet } from '../translate/grpc/schema/schema-board.ts';
import type { ServiceSnapshot, SnapshotData } from './protocol.ts';

/** What a thread learns of gRPC services through. */
export interface ThreadSchemasPorts {
  readonly desk: Desk;
  readonly news: NewsStand;
  readonly log: Log;
  readonly wheel: Pick<TimingWheel, 'nowMs'>;
}

/** What of a snapshot says where descriptors come from. */
interface Described extends Pick<SnapshotData, 'documents'> {
  readonly services: readonly Pick<ServiceSnapshot, 'id' | 'grpc'>[];
}

/** For one service. */
const ASK_AT_MOST_EVERY_MS = 5000;

/**
 * Brings descriptors to the board of a thread: those of the configuration with each snapshot, those of services that describe
 * themselves with the news. The library for them takes memory in each thread, so only who has descriptors loads it.
 */
export class ThreadSchemas {
  readonly #ports: ThreadSchemasPorts;
  #board: SchemaBoard | null = null;
  #snapshot: Described = { services: [], documents: {} };
  /** By text: texts are large, and most stay the same. */
  #digests: ReadonlyMap<string, string> = new Map();
  readonly #askedAtMs = new Map<string, number>();
  /** The board may come later than the routes that hold this. */
  readonly #schemas: GrpcSchemas = {
    of: (service, json) => this.#board?.of(service, json) ?? null,
    isAwaited: (service) => this.#board?.isAwaited(service) ?? false,
  };

  constructor(ports: ThreadSchemasPorts) {
    this.#ports = ports;
    ports.news.subscribe('descriptors', () => this.#tellBoard());
  }

  /** To be awaited before anybody asks; `use` may come before it. */
  async prepare({ services }: Described): Promise<void> {
    if (this.#board !== null || services.every(({ grpc }) => grpc === null)) return;
    const { openDescriptors } = await import('@turnpike/config/descriptors');
    this.#board = new SchemaBoard({
      open: openDescriptors,
      missed: (service) => this.#missed(service),
      failed: (service, error) => this.#ports.log.error('descriptors cannot be used', { service, error }),
    });
    this.#tellBoard();
  }

  /** What is known of the services of a snapshot. */
  use(snapshot: Described): GrpcSchemas {
    this.#snapshot = snapshot;
    this.#tellBoard();
    return this.#schemas;
  }

  #tellBoard(): void {
    const { services } = this.#snapshot;
    const digests = new Map<string, string>();
    this.#board?.use(
      new Map(
        services.flatMap(({ id, grpc }) => {
          if (grpc === null) return [];
          const isReflected = grpc.kind === 'reflection';
          const set = isReflected ? this.#reflected(id) : this.#written(grpc.document, digests);
          return [[id, { set, isReflected }]];
        }),
      ),
    );
    this.#digests = digests;
  }

  #written(document: string, digests: Map<string, string>): DescriptorSet | null {
    const text = this.#snapshot.documents[document];
    if (text === undefined) return null;
    const digest = this.#digests.get(text) ?? hash('sha256', text);
    digests.set(text, digest);
    return { digest, bytes: () => Buffer.from(text, 'base64') };
  }

  #reflected(id: string): DescriptorSet | null {
    const news = this.#ports.news.latest('descriptors', id);
    return news === null ? null : { digest: news.digest, bytes: () => news.set };
  }

  /** Services are as many as the configuration has, so the map does not grow with what clients ask for. */
  #missed(service: string): void {
    const { wheel, desk } = this.#ports;
    if (wheel.nowMs - (this.#askedAtMs.get(service) ?? Number.NEGATIVE_INFINITY) < ASK_AT_MOST_EVERY_MS)
      return;
    this.#askedAtMs.set(service, wheel.nowMs);
    // Without an answer everything stays as it is.
    desk.run('refresh-descriptors', { service }).catch(() => {});
  }
}
