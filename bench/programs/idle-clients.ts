/**
 * Opens connections, makes one request on each and leaves them open: PORT COUNT PATH
 *
 * Prints `{}` when all have been answered, waits for the end of its standard input, and then prints how many have failed and how
 * many the other side has closed meanwhile.
 */
import { connect } from 'node:net';
import { replyReader } from './reply-reader.ts';

const [port = 0, count = 0] = process.argv.slice(2, 4).map(Number);
const request = `GET ${process.argv[4]} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: idle\r\nAccept: */*\r\n\r\n`;
const atOnce = 64;

let begun = 0;
let failed = 0;
let closed = 0;

await Promise.all(Array.from({ length: atOnce }, openInTurn));
console.log('{}');
process.stdin.resume().on('end', () => {
  console.log(JSON.stringify({ failed, closed }));
  process.exit(0);
});

async function openInTurn(): Promise<void> {
  while (begun < count) {
    begun += 1;
    await openOne();
  }
}

/** Resolves when the request is answered or has failed; the connection stays. */
function openOne(): Promise<void> {
  return new Promise((resolve) => {
    let answered = false;
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(request));
    socket.on(
      'data',
      replyReader((status) => {
        answered = true;
        if (status !== 200) failed += 1;
        resolve();
      }),
    );
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (answered) closed += 1;
      else failed += 1;
      resolve();
    });
  });
}
