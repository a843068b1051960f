import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startProblem } from './start-problem.ts';

const CASES: readonly (readonly [message: string, told: RegExp])[] = [
  ['listen EADDRINUSE: address already in use 127.0.0.1:8080', /^127\.0\.0\.1:8080 is taken.*sport = :8080'/],
  ['listen EACCES: permission denied 0.0.0.0:80', /^this user may not open 0\.0\.0\.0:80; /],
  ['listen EADDRNOTAVAIL: address not available ::2:80', /^this machine has no address ::2:80; write :80 /],
  ['listen ENOMEM: not enough memory 0.0.0.0:80', /^listen ENOMEM: not enough memory/],
  ['the database is away', /^the database is away$/],
];

for (const [message, told] of CASES)
  it(`"${message}" is told as what to do`, () => assert.match(startProblem(message), told));
