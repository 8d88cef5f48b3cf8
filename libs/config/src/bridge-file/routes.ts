import { z } from 'zod';
import { channelTemplateFault } from '../channel-template.ts';
import { must, oneOf, oneOrMany, section, text, textLike, type Finding } from './fields.ts';

const anId = 'an id (a number beyond 2^53 in quotes)';

/** Ids are texts; a whole number is taken for one where it keeps all of its digits. */
const id = () => z.union([z.int(must(anId)), text(anId)], must(anId)).transform(String);

/** @param connections the ids that there are; undefined when that can't be told */
export function routesSection(connections: readonly string[] | undefined) {
  const connection = text('the id of a connection').refine((name) => connections?.includes(name) ?? true, {
    error: 'is not one of the connections in this file',
  });
  const when = section({
    connection: oneOrMany(connection).optional(),
    author: oneOrMany(oneOf(['bot', 'agent', 'unknown'])).optional(),
    kind: oneOrMany(oneOf(['text', 'buttons', 'cards', 'image', 'audio', 'video', 'file', 'unknown'])).optional(),
    conversation: oneOrMany(id()).optional(),
    contact: oneOrMany(id()).optional(),
  });
  const route = section({
    name: textLike(/^[A-Za-z0-9._-]{1,128}$/, 'a name: 1 to 128 letters, digits, ".", "_" and "-"'),
    when: when.prefault({}),
    channel: text('a channel or a template').superRefine((template, ctx) => {
      const message = channelTemplateFault(template);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    }),
  });
  return z.array(route, must('a list of routes'));
}

/** Names that an earlier route has as well, looked for in the raw file so that other faults don't hide them. */
export function repeatedNames(routes: unknown): Finding[] {
  const names = Array.isArray(routes) ? routes.map((route: unknown) => (route as { name?: unknown } | null)?.name) : [];
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    const isRepeated = typeof name === 'string' && first < index;
    return isRepeated ? [{ path: ['routes', index, 'name'], message: `is the name of routes[${first}] as well` }] : [];
  });
}
