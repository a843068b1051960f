import type { ConsumerConfig } from '@turnpike/config';

/** What there is to know of a consumer beside its credentials. */
export type ConsumerRecord = Pick<ConsumerConfig, 'id' | 'scopes' | 'plan' | 'metadata'>;

const WORD = 4;

/**
 * Records in shared memory: one after the other as JSON, and in front of them where each ends. A thread meets few of many
 * consumers, and reads those that it meets.
 */
export function writeRecords(records: readonly ConsumerRecord[]): SharedArrayBuffer {
  const texts = records.map(({ id, scopes, plan, metadata }) =>
    Buffer.from(JSON.stringify({ id, scopes, plan, metadata })),
  );
  const start = texts.length * WORD;
  const buffer = new SharedArrayBuffer(texts.reduce((sum, { length }) => sum + length, start));
  const bytes = Buffer.from(buffer);
  let end = start;
  for (const [i, text] of texts.entries()) {
    text.copy(bytes, end);
    end += text.length;
    bytes.writeUInt32LE(end, i * WORD);
  }
  return buffer;
}

/** Reads what `writeRecords` wrote; `count` is the number of records. */
export function recordReader(buffer: SharedArrayBuffer, count: number): (index: number) => ConsumerRecord {
  const bytes = Buffer.from(buffer);
  const endOf = (index: number) => (index < 0 ? count * WORD : bytes.readUInt32LE(index * WORD));
  return (index) => JSON.parse(bytes.toString('utf8', endOf(index - 1), endOf(index))) as ConsumerRecord;
}
