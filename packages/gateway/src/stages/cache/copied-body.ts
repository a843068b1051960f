import { TAKEN, type BodySink, type BodySource } from '../../core/body.ts';

/**
 * The same body in memory of its own. Streams of HTTP/2 refer to what they were given until the client has room for it, which may be after the
 * end of their exchange; what is lent for that long could have become something else by then.
 */
export function copiedBody(source: BodySource): BodySource {
  return {
    length: source.length,
    readTo: (sink) => source.readTo(copying(sink)),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

function copying(sink: BodySink): BodySink {
  return {
    write: (chunk) => (chunk.length === 0 ? TAKEN : sink.write(Buffer.from(chunk))),
    flush: () => sink.flush(),
    end: (trailers) => sink.end(trailers),
    fail: (error) => sink.fail(error),
  };
}
