import { TAKEN, type BodySink, type BodySource } from '../../core/body.ts';
import type { JsonScanner } from './json-scanner.ts';
import { endingError, type Judge } from './violation.ts';

/** What looks at a body, and what becomes of what it finds. */
export interface Scan {
  readonly scanner: JsonScanner;
  readonly judge: Judge;
}

/** A body each piece of which is scanned before it goes on. */
export function scannedBody(source: BodySource, scan: Scan): BodySource {
  return {
    length: source.length,
    readTo: (sink) => source.readTo(scanning(source, sink, scan)),
    resume: () => source.resume(),
    cancel: () => source.cancel(),
  };
}

function scanning(source: BodySource, sink: BodySink, { scanner, judge }: Scan): BodySink {
  let isScanning = true;
  return {
    write(chunk) {
      const found = isScanning ? scanner.scan(chunk) : null;
      if (found === null) return sink.write(chunk);
      isScanning = false;
      if (judge(found) === 'go on') return sink.write(chunk);
      source.cancel();
      sink.fail(endingError(found));
      return TAKEN;
    },
    flush: () => sink.flush(),
    end: (trailers) => sink.end(trailers),
    fail: (error) => sink.fail(error),
  };
}
