import { either, integer, notation, type Schema } from './typebox.ts';

/** A number of bytes, with or without a unit. */
export function size(
  description: string,
  minimum = 0,
  maximum: number = 2 ** 40,
): Schema<string | number, number> {
  const withUnit = notation('size', 'With a unit.', { minimum, maximum });
  return either(description, withUnit, integer('In bytes.', minimum, maximum));
}
