import type { BodySink, BodySource } from './body.ts';
import { ByteGatherer } from './byte-gatherer.ts';

/** Hears what went through: all bytes, one character each, or null if they were more than it wanted. */
export type Listener = (bytes: string | null) => void;

/**
 * The same body, whose first `maxBytes` are copied on their way: nothing of it waits, and no byte changes. `heard` is called at
 * its end; never for a body that breaks off.
 */
export function tapBody(source: BodySource, maxBytes: number, heard: Listener): BodySource {
  return {
    length: source.length,
    readTo: (sink) => source.readTo(tapped(sink, maxBytes, heard)),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

function tapped(sink: BodySink, maxBytes: number, heard: Listener): BodySink {
  let copied: ByteGatherer | null = new ByteGatherer();
  return {
    write(chunk) {
      if (copied !== null && copied.length + chunk.length > maxBytes) copied = null;
      copied?.add(chunk);
      return sink.write(chunk);
    },
    flush: () => sink.flush(),
    end(trailers) {
      sink.end(trailers);
      heard(copied?.text() ?? null);
    },
    fail: (error) => sink.fail(error),
  };
}
