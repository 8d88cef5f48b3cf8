import { z } from 'zod';

/**
 * The bodies that go to `bot_url`. Text and button are documented on NicoChat's page, sample and all; for media the page
 * has a heading and no body, so their `attachments` are inferred from Chatwoot, whose words all the other fields are.
 * Strict, because these are ours: an unknown field in one is a mistake of the bridge.
 */
const sender = z.strictObject({
  id: z.string().min(1).meta({ description: 'Your stable id of the end user; becomes the bot user.' }),
  name: z.string(),
  email: z.string(),
  phone_number: z.string(),
  type: z.literal('contact'),
});

const envelope = {
  message_type: z.literal('incoming'),
  sender,
  conversation_id: z
    .union([z.int(), z.string().min(1)])
    .meta({ description: 'Documented as a number; a string only where the connection asks for it.' }),
};

/** Documented. */
export const botTextRequestSchema = z.strictObject({
  content: z.string().min(1),
  ...envelope,
  event: z.literal('message_created'),
});
export type BotTextRequest = z.infer<typeof botTextRequestSchema>;

/** Documented. `content` is the title of the pressed button. */
export const botButtonRequestSchema = z.strictObject({
  content: z.string().min(1),
  ...envelope,
  event: z.literal('message_postback'),
  submitted_values: z.tuple([z.strictObject({ title: z.string().min(1), payload: z.string() })]),
});
export type BotButtonRequest = z.infer<typeof botButtonRequestSchema>;

/** Inferred from Chatwoot. `content` is the caption; one attachment a request. */
export const botMediaRequestSchema = z.strictObject({
  content: z.string(),
  ...envelope,
  event: z.literal('message_created'),
  attachments: z.tuple([
    z.strictObject({
      file_type: z.enum(['image', 'audio', 'video', 'file']),
      data_url: z.url(),
      fallback_title: z.string().optional(),
    }),
  ]),
});
export type BotMediaRequest = z.infer<typeof botMediaRequestSchema>;

export const botRequestSchema = z.union([botTextRequestSchema, botButtonRequestSchema, botMediaRequestSchema]);
export type BotRequest = z.infer<typeof botRequestSchema>;
