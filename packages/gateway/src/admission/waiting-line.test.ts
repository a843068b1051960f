import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from '@turnpike/testkit/fast-check';
import { WaitingLine, type InLine } from './waiting-line.ts';

class Person implements InLine<Person> {
  next: Person | null = null;
  previous: Person | null = null;
}

function inOrder({ first }: WaitingLine<Person>): Person[] {
  const people: Person[] = [];
  for (let person = first; person !== null; person = person.next) people.push(person);
  return people;
}

describe('a waiting line', () => {
  it('keeps its order, whoever joins it and leaves it', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat()), { maxLength: 60 }), (steps) => {
        const line = new WaitingLine<Person>();
        const model: Person[] = [];
        for (const step of steps) {
          if (step === null || model.length === 0) {
            const person = new Person();
            line.push(person);
            model.push(person);
          } else {
            const [person] = model.splice(step % model.length, 1);
            line.remove(person!);
          }
          assert.deepEqual(inOrder(line), model);
          assert.equal(line.size, model.length);
          assert.equal(line.last, model.at(-1) ?? null);
        }
      }),
    );
  });
});
