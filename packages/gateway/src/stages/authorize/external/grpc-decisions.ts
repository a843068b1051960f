import { connect, type ClientHttp2Session } from 'node:http2';
import type { ExternalAuthorizationConfig } from '@turnpike/config';
import { CHECK_PATH, checkRequest } from './check-request.ts';
import type { Asked, DecisionClient } from './decision-client.ts';
import { GrpcCall } from './grpc-call.ts';
import { grpcVerdict } from './grpc-verdict.ts';
import type { Question } from './question.ts';
import { failed, freshnessMs, type Verdict } from './verdict.ts';

/**
 * Asks over gRPC. All questions go over one connection, which is opened with the first and opened anew when it is gone. A
 * question that is not answered in time also ends its use: it may be dead without anybody having said so.
 */
export class GrpcDecisions implements DecisionClient {
  readonly #url: string;
  readonly #timeoutMs: number;
  #session: ClientHttp2Session | null = null;

  constructor({ url, timeoutMs }: ExternalAuthorizationConfig) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  ask(question: Question, answered: (verdict: Verdict) => void): Asked {
    const session = this.#usable();
    const call = new GrpcCall({
      answered: (message, headers) => answered(grpcVerdict(message, freshnessMs(headers['cache-control']))),
      failed: (reason) => answered(failed(reason)),
    });
    call.send(session, { path: CHECK_PATH, message: checkRequest(question), timeoutMs: this.#timeoutMs });
    return {
      abandon: (why) => {
        call.abandon();
        if (why === 'late') this.#retire(session);
      },
    };
  }

  close(): void {
    if (this.#session !== null) this.#retire(this.#session);
  }

  #usable(): ClientHttp2Session {
    if (this.#session !== null && !this.#session.closed && !this.#session.destroyed) return this.#session;
    const session = connect(this.#url, { settings: { enablePush: false } });
    // It does not keep the process: who waits for an answer has connections of its own.
    session.unref();
    // Its calls hear of an error themselves.
    session.on('error', () => this.#retire(session));
    session.on('goaway', () => this.#retire(session));
    this.#session = session;
    return session;
  }

  /** Takes no new questions; those that are under way may end. */
  #retire(session: ClientHttp2Session): void {
    if (this.#session === session) this.#session = null;
    session.close();
  }
}
