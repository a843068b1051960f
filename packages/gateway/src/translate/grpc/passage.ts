import { KEPT, TAKEN, type BodySink, type Taken } from '../../core/body.ts';
import { FrameWatch } from './frame-watch.ts';
import { frame, FrameReader, type FrameLimits } from './frames.ts';

/** What becomes of the messages of one body on their way. Throws a `GatewayError` for what may not go on. */
export interface Passage {
  /** Says of the chunk what a sink says of it. */
  write(chunk: Buffer, sink: BodySink): Taken;
  /** Nothing more comes. */
  end(): void;
  /** Whether what was written ends with a whole message. */
  readonly isBetween: boolean;
  /** Whether as many bytes go on as come. */
  readonly keepsLength: boolean;
}

/** Messages go on as they are, without a copy; only their sizes are looked at. */
export function samePassage(limits: FrameLimits): Passage {
  const watch = new FrameWatch(limits);
  return {
    write(chunk, sink) {
      watch.see(chunk);
      return sink.write(chunk);
    },
    end: () => watch.end(),
    get isBetween() {
      return watch.isBetween;
    },
    keepsLength: true,
  };
}

/** Each message is written anew. `recode` gets its flags and its bytes, which are valid during the call only. */
export function recodingPassage(
  limits: FrameLimits,
  recode: (flags: number, message: Buffer) => Uint8Array,
): Passage {
  let taken: Taken = TAKEN;
  let out: BodySink | null = null;
  const reader = new FrameReader(limits, (flags, message) => {
    const answer = out?.write(frame(0, recode(flags, message))) ?? TAKEN;
    if (answer > taken) taken = answer;
  });
  return {
    write(chunk, sink) {
      taken = TAKEN;
      out = sink;
      reader.feed(chunk);
      return ofCopy(taken);
    },
    end: () => reader.end(),
    isBetween: true,
    keepsLength: false,
  };
}

/** What a sink says of a copy, as said of the original, to which it does not refer. */
export function ofCopy(taken: Taken): Taken {
  return taken === KEPT ? TAKEN : taken;
}
