import {
  botButtonRequestSchema,
  botMediaRequestSchema,
  botRequestSchema,
  botTextRequestSchema,
  parseJson,
  type BotRequest,
} from '@bridge/schemas';
import { safeEqual } from '@bridge/signature';
import { faultLines } from './fault-lines.ts';

export type BotJudgement =
  | { kind: 'accepted'; request: BotRequest }
  | { kind: 'bad-key' }
  | { kind: 'not-json'; message: string }
  | { kind: 'invalid'; message: string };

export type GivenBotRequest = { token: string | undefined; contentType: string | undefined; body: Buffer };

function readJson(contentType: string | undefined, body: Buffer): { value: unknown } | { message: string } {
  if (!/^application\/json\b/i.test(contentType ?? ''))
    return { message: 'The content type must be application/json.' };
  try {
    return { value: parseJson(body.toString()) };
  } catch (error) {
    return { message: `The body is not JSON: ${(error as Error).message}` };
  }
}

/** What is wrong with a body that is none of the three: said of the one it resembles, since a union's error says nothing. */
function complaint(value: unknown): string {
  const fields = Object(value) as Record<string, unknown>;
  const button = 'submitted_values' in fields || fields['event'] === 'message_postback';
  const media = 'attachments' in fields ? botMediaRequestSchema : botTextRequestSchema;
  const { error } = (button ? botButtonRequestSchema : media).safeParse(value);
  return error ? faultLines(error).replaceAll('\n', '; ') : 'not one of the known bodies';
}

/** Whether a request to `bot_url` is one that NicoChat documents (or, for media, one that the bridge's serializer makes). */
export function judgeBotRequest(given: GivenBotRequest, flowApiKey: string): BotJudgement {
  if (given.token === undefined || !safeEqual(given.token, flowApiKey)) return { kind: 'bad-key' };
  const read = readJson(given.contentType, given.body);
  if ('message' in read) return { kind: 'not-json', message: read.message };
  const parsed = botRequestSchema.safeParse(read.value);
  if (parsed.success) return { kind: 'accepted', request: parsed.data };
  return { kind: 'invalid', message: `The given data was invalid: ${complaint(read.value)}` };
}

/** The conversation that a body names, readable or not, as the journal and the faults know it. */
export function conversationOf(body: Buffer): string | null {
  try {
    const value = Object(parseJson(body.toString())) as Record<string, unknown>;
    const id = value['conversation_id'];
    return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
  } catch {
    return null;
  }
}
