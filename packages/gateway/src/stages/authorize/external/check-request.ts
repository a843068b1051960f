import { MessageWriter } from './message-fields.ts';
import type { Question } from './question.ts';

// What we ask with, as far as we have something to say. The numbers of the fields are the contract.
//
//   package envoy.service.auth.v3;
//   service Authorization { rpc Check(CheckRequest) returns (CheckResponse); }
//
//   message CheckRequest     { AttributeContext attributes = 1; }
//   message AttributeContext { Peer source = 1; Peer destination = 2; Request request = 4;
//                              map<string, string> context_extensions = 10; }
//   message Peer             { Address address = 1; string principal = 7; }
//   message Address          { SocketAddress socket_address = 1; }
//   message SocketAddress    { string address = 2; uint32 port_value = 3; }
//   message Request          { Timestamp time = 1; HttpRequest http = 2; }
//   message Timestamp        { int64 seconds = 1; int32 nanos = 2; }
//   message HttpRequest      { string id = 1; string method = 2; map<string, string> headers = 3; string path = 4;
//                              string host = 5; string scheme = 6; string protocol = 10; }

/** Where a `CheckRequest` is sent to. */
export const CHECK_PATH = '/envoy.service.auth.v3.Authorization/Check';

/** The bytes of a `CheckRequest`. */
export function checkRequest(question: Question): Uint8Array {
  const writer = new MessageWriter();
  writer.message(1, () => {
    writer.message(1, () => {
      writePeer(writer, question.client, 0);
      writer.text(7, question.caller);
    });
    writer.message(2, () => writePeer(writer, '', question.port));
    writer.message(4, () => {
      writer.message(1, () => writeTimestamp(writer, question.askedAtMs));
      writer.message(2, () => writeHttpRequest(writer, question));
    });
    writer.entry(10, 'route', question.route);
  });
  return writer.finish();
}

function writePeer(writer: MessageWriter, address: string, port: number): void {
  writer.message(1, () => {
    writer.message(1, () => {
      writer.text(2, address);
      writer.number(3, port);
    });
  });
}

function writeTimestamp(writer: MessageWriter, ms: number): void {
  const seconds = Math.floor(ms / 1000);
  writer.number(1, seconds);
  writer.number(2, Math.floor(ms - seconds * 1000) * 1_000_000);
}

function writeHttpRequest(writer: MessageWriter, question: Question): void {
  writer.text(1, question.id);
  writer.text(2, question.method);
  for (const [name, value] of question.headers) writer.entry(3, name, utf8(value));
  writer.text(4, question.target);
  writer.text(5, question.authority);
  writer.text(6, question.scheme);
  writer.text(10, `HTTP/${question.version}`);
}

/** Bytes of a header as the text that they probably are. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
