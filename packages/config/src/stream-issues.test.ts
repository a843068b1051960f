import { describeFaults, type Row } from '../test/faults.ts';

/** A route that may switch to WebSocket, with policies. */
function live(text: string): string {
  return `services: { s: { endpoints: [http://a] } }\nroutes: { r: { service: s, upgrade: [websocket], policies: { ${text} } } }`;
}

/** A route that may not. */
function plain(text: string): string {
  return `services: { s: { endpoints: [http://a], timeouts: { idle: 1m } } }\nroutes: { r: { service: s, policies: { ${text} } } }`;
}

const ERRORS: Readonly<Record<string, readonly Row[]>> = {
  websocket: [
    [plain('»websocket: {}'), 'CONFLICT'],
    [live('websocket: { origins: »[] }'), 'BAD_VALUE'],
    [live('websocket: { origins: [»app.example.com] }'), 'BAD_VALUE', 'https://app.example.com'],
    [live('websocket: { subprotocols: »[] }'), 'BAD_VALUE'],
    [live('websocket: { idleTimeout: »0s }'), 'OUT_OF_RANGE'],
    [live('websocket: { maxMessageBytes: »0 }'), 'OUT_OF_RANGE'],
    [live('websocket: { »messages: { limit: 5 } }'), 'MISSING_KEY'],
    [live('websocket: { messages: { limit: »0, per: 1s } }'), 'OUT_OF_RANGE'],
    [live('websocket: { »maxFrameBytes: 5 }'), 'UNKNOWN_KEY', 'maxMessageBytes'],
  ],
  eventStream: [
    [plain('eventStream: { heartbeat: »0s }'), 'OUT_OF_RANGE'],
    [plain('eventStream: { »idleTimeout: 2m }'), 'CONFLICT'],
    [plain('eventStream: { »idle: 2m }'), 'UNKNOWN_KEY', 'idleTimeout'],
  ],
};

describeFaults(ERRORS);
