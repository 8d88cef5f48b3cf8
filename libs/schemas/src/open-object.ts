import { z } from 'zod';

/**
 * An object that keeps the fields it does not know when it is read, so that a newer writer breaks no older reader.
 * The inferred type still lists the known fields only: with an index signature in it, a misspelt field would compile.
 */
export function openObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape> {
  return z.looseObject(shape);
}
