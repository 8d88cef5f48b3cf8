/** A channel message, as far as the demo shows it. */
export type ChannelMessage = {
  connection: string;
  conversation?: { id: string };
  author: { kind: string };
  message: Message;
  channel: string;
  route?: string;
};

type Message = {
  kind: string;
  text?: string;
  url?: string;
  buttons?: { title: string }[];
  cards?: { title: string; buttons?: { title: string }[] }[];
};

/** One line: who, which kind, what, and where the routes took it. */
export function describeChannelMessage({ author, message, channel, route }: ChannelMessage): string {
  const who = `${author.kind}, ${message.kind}:`.padEnd(14);
  return `${who} ${describeMessage(message)}  → channel ${channel} (${route ? `route ${route}` : 'the default'})`;
}

function describeMessage({ text, url, buttons, cards }: Message): string {
  if (cards) return cards.map(({ title, buttons: below = [] }) => `“${title}” ${list(below)}`.trim()).join(', ');
  return [text && `“${text}”`, url, list(buttons ?? [])].filter(Boolean).join(' ');
}

const list = (buttons: { title: string }[]) =>
  buttons.length > 0 ? `[${buttons.map(({ title }) => title).join(' | ')}]` : '';
