import { TAKEN, type BodySource } from '../../../core/body.ts';
import { ofCopy, type Passage } from '../passage.ts';
import { Base64Decoder } from './base64-decoder.ts';
import { TextSink } from './text-sink.ts';

/** Of messages that come as base64. */
export function textPassage(inner: Passage): Passage {
  const decoder = new Base64Decoder();
  return {
    write(chunk, sink) {
      const bytes = decoder.decode(chunk);
      return bytes.length === 0 ? TAKEN : ofCopy(inner.write(bytes, sink));
    },
    end() {
      decoder.end();
      inner.end();
    },
    get isBetween() {
      return inner.isBetween;
    },
    keepsLength: false,
  };
}

/** The same body as base64. */
export function textBody(body: BodySource): BodySource {
  return {
    length: body.length,
    readTo: (sink) => body.readTo(new TextSink(sink)),
    resume: () => body.resume(),
    cancel: () => body.cancel(),
  };
}
