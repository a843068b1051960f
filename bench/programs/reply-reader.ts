/** Tells where replies end in the bytes of one connection. Enough HTTP/1.1 for replies that we know; not a parser. */

const contentLength = /\r\ncontent-length: *(\d+)/i;

/** Gives a function for the chunks of one connection; `onReply` gets the status of each reply when its last byte has come. */
export function replyReader(onReply: (status: number) => void): (chunk: Buffer) => void {
  let pending = '';

  return (chunk) => {
    pending += chunk.toString('latin1');
    for (let end = replyEnd(pending); end > 0; end = replyEnd(pending)) {
      const status = Number(pending.slice(9, 12));
      pending = pending.slice(end);
      onReply(status);
    }
  };
}

/** The length of the first reply in `text`, or 0 when it is not complete. */
function replyEnd(text: string): number {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return 0;
  const length = contentLength.exec(text.slice(0, headEnd));
  if (length !== null) {
    const end = headEnd + 4 + Number(length[1]);
    return end <= text.length ? end : 0;
  }
  const lastChunk = text.indexOf('\r\n0\r\n\r\n', headEnd);
  return lastChunk < 0 ? 0 : lastChunk + 7;
}
