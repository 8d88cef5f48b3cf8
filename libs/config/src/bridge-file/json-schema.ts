import { z } from 'zod';
import { descriptions } from './descriptions.ts';
import { writtenFormOf } from './fields.ts';
import { fileSchema } from './file-schema.ts';

type Json = { [key: string]: unknown };

/**
 * The JSON Schema of bridge.yaml, for editors: draft 7, which they all know. It says how the file is written; what
 * depends on other places, as the id of a connection in a route does, only the reading of the file finds.
 */
export function bridgeFileJsonSchema(): Json {
  const source = { folder: '', env: {}, wanted: new Set<never>(), stamps: new Map<string, string>() };
  const schema = toJson(fileSchema({}, source, true));
  for (const [path, description] of Object.entries(descriptions)) describe(schema, path, description);
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'bridge.yaml of the NicoChat bridge', ...schema };
}

function toJson(schema: z.ZodType): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      const form = writtenFormOf(zodSchema);
      if (form) Object.assign(jsonSchema, toJson(form));
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      // Numbers that are exact in JSON are not worth a word, nor is a section that may be left out.
      if (Math.abs(jsonSchema.minimum ?? 0) === Number.MAX_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (JSON.stringify(jsonSchema.default) === '{}') delete jsonSchema.default;
    },
  });
  return json;
}

/** Puts a description to the key that the path leads to; `*` stands for any id, and lists are gone into. */
function describe(schema: Json, path: string, description: string): void {
  let place: Json | undefined = schema;
  for (const name of path.split('.')) {
    const inside: Json = (place['items'] as Json | undefined) ?? place;
    const properties = inside['properties'] as { [key: string]: Json } | undefined;
    place = name === '*' ? (inside['additionalProperties'] as Json | undefined) : properties?.[name];
    if (place === undefined) throw new Error(`bridge.yaml has no ${path} to describe`);
  }
  place['description'] = description;
}
