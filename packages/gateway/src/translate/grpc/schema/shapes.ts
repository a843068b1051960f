import type { DescMessage, Descriptors } from '@turnpike/config/descriptors';
import { anyMessage } from './any-message.ts';
import { messageReader } from './read-message.ts';
import type { Shape, Shapes } from './shape.ts';
import { type Special, SPECIALS, VALUE_TYPE } from './well-known.ts';
import { messageWriter } from './write-message.ts';

/** The shapes of the types of a set. Each is compiled when it is first used: sets have many types that nobody sends. */
export function shapesOf(descriptors: Pick<Descriptors, 'message'>): Shapes {
  const known = new Map<string, Shape>();
  const shapes: Shapes = {
    of: (desc) => {
      const shape = known.get(desc.typeName) ?? shapeOf(desc, shapes);
      known.set(desc.typeName, shape);
      return shape;
    },
    named: (typeName) => {
      const desc = descriptors.message(typeName);
      return desc === undefined ? undefined : shapes.of(desc);
    },
  };
  return shapes;
}

function shapeOf(desc: DescMessage, shapes: Shapes): Shape {
  const special = desc.typeName === ANY ? anyMessage(shapes) : SPECIALS.get(desc.typeName);
  return special === undefined ? plainShape(desc, shapes) : specialShape(desc.typeName, special);
}

const ANY = 'google.protobuf.Any';

function specialShape(typeName: string, { write, read }: Special): Shape {
  return { typeName, write, writeInAny: write, read, isSpecial: true, takesNull: typeName === VALUE_TYPE };
}

function plainShape(desc: DescMessage, shapes: Shapes): Shape {
  let writer: ReturnType<typeof messageWriter> | null = null;
  let reader: ReturnType<typeof messageReader> | null = null;
  return {
    typeName: desc.typeName,
    write: (scan, out) => (writer ??= messageWriter(desc, shapes))(scan, out, false),
    writeInAny: (scan, out) => (writer ??= messageWriter(desc, shapes))(scan, out, true),
    read: (from, end) => (reader ??= messageReader(desc, shapes))(from, end),
    isSpecial: false,
    takesNull: false,
  };
}
