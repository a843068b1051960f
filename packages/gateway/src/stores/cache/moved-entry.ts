/** All of a stored response, as it is taken out of one memory and put into another. */
export interface MovedEntry {
  readonly key: string;
  readonly head: string;
  /** Of its tags, two each; made with the key of hashes of its memory. */
  readonly digests: readonly number[];
  readonly body: Buffer;
  readonly hits: number;
  readonly isSoftPurged: boolean;
}
