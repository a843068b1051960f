import { randomFillSync } from 'node:crypto';

/** Ids of traces and spans, in hexadecimal digits; never all zero. */
export interface TraceIds {
  /** 32 digits. */
  trace(): string;
  /** 16 digits. */
  span(): string;
}

/** Random ids. They are cut from a text of many, because asking for each costs a microsecond. */
export function traceIds(): TraceIds {
  const bytes = Buffer.allocUnsafeSlow(POOL_BYTES);
  let digits = '';
  let at = 0;

  function take(length: number): string {
    if (at + length > digits.length) {
      digits = randomFillSync(bytes).toString('hex');
      at = 0;
    }
    const id = digits.slice(at, at + length);
    at += length;
    // Once in 2⁶⁴ times.
    return id === NO_SPAN || id === NO_TRACE ? take(length) : id;
  }

  return { trace: () => take(32), span: () => take(16) };
}

const POOL_BYTES = 4096;
const NO_SPAN = '0'.repeat(16);
const NO_TRACE = '0'.repeat(32);
