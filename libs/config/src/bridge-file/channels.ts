import { mapById, section, textLike, trueOrFalse } from './fields.ts';

const channelId = {
  pattern: /^[A-Za-z0-9._-]{1,128}$/,
  what: '1 to 128 letters, digits, ".", "_" and "-"',
};

/** The rule for names is Kafka's own. */
const topicName = () =>
  textLike(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'the name of a topic: 1 to 249 letters, digits, ".", "_" and "-"');

export const defaultChannel = () => textLike(channelId.pattern, `the id of a channel: ${channelId.what}`);

export function channelsSection() {
  return mapById(
    channelId,
    section({ topic: topicName().optional(), acceptsUnverified: trueOrFalse().default(false) }),
  );
}
