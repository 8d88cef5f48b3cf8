import { z } from 'zod';

/** The message of a value that is missing, empty, or not what it must be. It never repeats the value. */
export function mustBe(what: string, input: unknown): string {
  if (input === undefined) return 'is missing';
  return input === null ? `is empty: must be ${what}` : `must be ${what}`;
}

/** The same as a zod parameter. */
export const must = (what: string) => ({ error: (issue: { input?: unknown }) => mustBe(what, issue.input) });

const forms = new WeakMap<object, z.ZodType>();

/** Tells how a value is written in the file, where its schema takes anything and looks at it itself. */
export function writtenAs<S extends object>(form: z.ZodType, schema: S): S {
  forms.set(schema, form);
  return schema;
}

export const writtenFormOf = (schema: object): z.ZodType | undefined => forms.get(schema);

/** A map with these keys and no others. */
export function section<S extends z.ZodRawShape>(shape: S) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not a known key (known here: ${known})`
        : mustBe(`a map with the keys ${known}`, issue.input),
  });
}

export function text(what = 'a text') {
  return z.string(must(what)).regex(/\S/, `must be ${what}`);
}

export function textLike(pattern: RegExp, what: string) {
  return z.string(must(what)).regex(pattern, `must be ${what}`);
}

export const positiveInteger = () => z.int(must('a positive integer')).positive('must be a positive integer');

export const positiveNumber = () => z.number(must('a positive number')).positive('must be a positive number');

export function oneOf<const T extends readonly string[]>(values: T) {
  return z.enum(values, must(`one of ${values.join(', ')}`));
}

export const trueOrFalse = () => z.boolean(must('true or false'));

/** One thing that a schema found, with a path for each unknown key of its own. */
export type Finding = { path: PropertyKey[]; message: string };

export function findings(error: z.ZodError): Finding[] {
  return error.issues.flatMap((issue): Finding[] =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: issue.message }))
      : [{ path: issue.path, message: issue.message }],
  );
}

/** Parses a part of a value inside a transform: what is found is reported below `path`. */
export function parsePart<T>(schema: z.ZodType<T>, value: unknown, path: PropertyKey[], ctx: z.RefinementCtx) {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { data: parsed.data };
  for (const { path: inner, message } of findings(parsed.error)) {
    ctx.addIssue({ code: 'custom', path: [...path, ...inner], message });
  }
  return undefined;
}

/** A map from ids to sections. Unlike z.record it looks at an entry whose id is bad, and takes any id as a key. */
export function mapById<T>(id: { pattern: RegExp; what: string }, schema: z.ZodType<T>) {
  const read = z.unknown().transform((input, ctx): ReadonlyMap<string, T> => {
    const entries = new Map<string, T>();
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      ctx.addIssue({ code: 'custom', message: mustBe('a map by id', input) });
      return entries;
    }
    for (const [key, value] of Object.entries(input)) {
      if (!id.pattern.test(key)) ctx.addIssue({ code: 'custom', path: [key], message: `is not an id: ${id.what}` });
      const part = parsePart(schema, value, [key], ctx);
      if (part) entries.set(key, part.data);
    }
    return entries;
  });
  return writtenAs(z.record(z.string().regex(id.pattern), schema), read);
}

/** A value or a list of values, read as a list. */
export function oneOrMany<T>(schema: z.ZodType<T>) {
  const read = z.unknown().transform((input, ctx): T[] => {
    if (Array.isArray(input) && input.length === 0) {
      ctx.addIssue({ code: 'custom', message: 'is an empty list, which matches nothing: leave it out' });
    }
    const parts = Array.isArray(input)
      ? input.map((value, index) => parsePart(schema, value, [index], ctx))
      : [parsePart(schema, input, [], ctx)];
    return parts.flatMap((part) => (part ? [part.data] : []));
  });
  return writtenAs(z.union([schema, z.array(schema).min(1)]), read);
}
