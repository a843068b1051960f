import type { BodySink, BodySource } from '../core/body.ts';

/** The same body, which says so when its last byte is on the way. Not if it breaks off. */
export function whenRead(source: BodySource, then: () => void): BodySource {
  return {
    length: source.length,
    readTo: (sink) => source.readTo(telling(sink, then)),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

function telling(sink: BodySink, then: () => void): BodySink {
  return {
    write: (chunk) => sink.write(chunk),
    flush: () => sink.flush(),
    end(trailers) {
      then();
      sink.end(trailers);
    },
    fail: (error) => sink.fail(error),
  };
}
