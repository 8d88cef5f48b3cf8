import { parseJson, sendCommandSchema } from '@bridge/schemas';
import type { SendCommand } from '@bridge/schemas';
import { CommandError } from './command-error.ts';

/** The options of `bridge send` that say what to send, whose message it is, and where it goes. */
export type CommandOptions = MessageOptions & {
  id?: string;
  connection?: string;
  conversation?: string;
  contactId?: string;
  contactName?: string;
  email?: string;
  phone?: string;
  expiresAt?: string;
};

type MessageOptions = {
  text?: string;
  buttonTitle?: string;
  buttonPayload?: string;
  image?: string;
  audio?: string;
  video?: string;
  file?: string;
  name?: string;
  caption?: string;
};

const mediaKinds = ['image', 'audio', 'video', 'file'] as const;

/** The command that the options describe, with `freshId` where they name none. Throws a usage error for what is no command. */
export function commandOf(options: CommandOptions, freshId: string): SendCommand {
  const { connection, conversation, contactId, contactName: name, email, phone, expiresAt } = options;
  const required = { '--connection': connection, '--conversation': conversation, '--contact-id': contactId };
  const missing = Object.entries(required).flatMap(([option, value]) => (value === undefined ? [option] : []));
  if (missing.length > 0)
    throw new CommandError(`missing: ${missing.join(', ')} (or a whole command with --json)`, 'usage');
  return checked({
    id: options.id ?? freshId,
    connection,
    conversation: { id: conversation },
    contact: {
      id: contactId,
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
      ...(phone !== undefined && { phone }),
    },
    message: messageOf(options),
    ...(expiresAt !== undefined && { expiresAt }),
  });
}

/** A command written as JSON; without an id it gets `freshId`. Throws a usage error for what is no command. */
export function commandOfJson(text: string, freshId: string): SendCommand {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new CommandError(`the command is not JSON: ${(error as Error).message}`, 'usage', error);
  }
  return checked(isObject(value) ? { id: freshId, ...value } : value);
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checked(value: unknown): SendCommand {
  const parsed = sendCommandSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `  ${path.join('.') || 'the whole'}: ${message}`);
  throw new CommandError(`this is not a send command; nothing was sent:\n${faults.join('\n')}`, 'usage');
}

/** The one message that the options describe. Throws a usage error when they describe none, two, or half of one. */
function messageOf(options: MessageOptions): SendCommand['message'] {
  const messages = [textOf(options), buttonOf(options), ...mediaKinds.map((kind) => mediaOf(kind, options))].filter(
    (message) => message !== undefined,
  );
  const [message, second] = messages;
  if (message === undefined) {
    throw new CommandError(
      'nothing to send: give one of --text, --button-title with --button-payload, --image, --audio, --video, --file',
      'usage',
    );
  }
  if (second !== undefined) {
    const kinds = messages.map(({ kind }) => kind).join(' and ');
    throw new CommandError(
      `one command is one message, and these are ${kinds}: run the command once for each`,
      'usage',
    );
  }
  if (!('url' in message) && (options.name !== undefined || options.caption !== undefined)) {
    throw new CommandError('--name and --caption belong to --image, --audio, --video or --file', 'usage');
  }
  return message;
}

function textOf({ text }: MessageOptions): SendCommand['message'] | undefined {
  return text === undefined ? undefined : { kind: 'text', text };
}

function buttonOf({ buttonTitle: title, buttonPayload: payload }: MessageOptions): SendCommand['message'] | undefined {
  if (title === undefined && payload === undefined) return undefined;
  if (title === undefined || payload === undefined) {
    throw new CommandError('a pressed button needs both --button-title and --button-payload', 'usage');
  }
  return { kind: 'button', title, payload };
}

function mediaOf(kind: (typeof mediaKinds)[number], options: MessageOptions): SendCommand['message'] | undefined {
  const { [kind]: url, name, caption } = options;
  if (url === undefined) return undefined;
  return { kind, url, ...(name !== undefined && { name }), ...(caption !== undefined && { caption }) };
}
