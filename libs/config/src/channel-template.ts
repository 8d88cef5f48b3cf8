/** The fields of an inbound event that a route's channel may use, as in `room-{conversation.id}`. */
export const channelTemplateFields = [
  'connection',
  'conversation.id',
  'contact.id',
  'author.kind',
  'author.id',
  'message.kind',
] as const;

export type ChannelTemplateField = (typeof channelTemplateFields)[number];

/** What is wrong with a channel template; undefined when nothing is. */
export function channelTemplateFault(template: string): string | undefined {
  const fields = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, field]) => field ?? '');
  const unknown = fields.find((field) => !channelTemplateFields.some((known) => known === field));
  if (unknown !== undefined) {
    return `uses {${unknown}}, which is not a field: use {${channelTemplateFields.join('}, {')}}`;
  }
  const shortest = template.replaceAll(/\{[^{}]*\}/g, 'x');
  if (/^[A-Za-z0-9._-]{1,128}$/.test(shortest)) return undefined;
  return 'must be 1 to 128 letters, digits, ".", "_", "-", and fields such as {conversation.id}';
}
