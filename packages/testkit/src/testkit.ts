// The door of the package: doubles for Turnpike's own tests.

export { manualClock, type ManualClock } from './manual-clock.ts';
export { fieldOf, fieldsOf, IncompleteMessage, type Fields, type Message } from './message.ts';
export { rawClient, type RawClient, type RawResponse } from './raw-client.ts';
export { scriptedUpstream, type Step, type Talk, type ScriptedUpstream } from './scripted-upstream.ts';
export {
  answer,
  answerWhole,
  bytewise,
  chunkedReply,
  early,
  hangUp,
  inTurn,
  partial,
  byPath,
  reply,
  reset,
  stall,
} from './steps.ts';
export { startPlane, type Plane, type PlaneDocument } from './start-plane.ts';
export {
  testAuthority,
  type TestAuthority,
  type TestCertificate,
  type TestCertificateWish,
} from './test-authority.ts';
export { eventually, within } from './within.ts';
