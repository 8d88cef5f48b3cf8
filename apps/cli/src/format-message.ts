import type { InboundEvent, SendCommand } from '@bridge/schemas';
import { printable, quoted } from './printable.ts';

type Message = InboundEvent['message'] | SendCommand['message'];
type Kind = Message['kind'];
type Medium = { kind: string; url: string; caption?: string | undefined };

const medium = ({ kind, url, caption }: Medium) => `${kind} ${printable(url)}${caption ? ` ${quoted(caption)}` : ''}`;

const buttons = (list: { title: string }[]) =>
  list.length === 0 ? '' : ` [${list.map(({ title }) => printable(title)).join(' | ')}]`;

const formats: { [K in Kind]: (message: Extract<Message, { kind: K }>) => string } = {
  text: ({ text }) => quoted(text),
  button: ({ title, payload }) => `pressed ${quoted(title)}, payload ${quoted(payload)}`,
  buttons: (message) => `${quoted(message.text)}${buttons(message.buttons)}`,
  cards: ({ cards }) => cards.map((card) => `card ${quoted(card.title)}${buttons(card.buttons)}`).join(', '),
  image: medium,
  audio: medium,
  video: medium,
  file: medium,
  unknown: () => 'a message of unknown kind (--json shows its payload)',
};

/** A message of either direction in a few words. */
export function formatMessage(message: Message): string {
  return (formats[message.kind] as (message: Message) => string)(message);
}
