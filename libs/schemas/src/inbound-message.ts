import { z } from 'zod';
import { openObject } from './open-object.ts';

/** A button under a text or a card. `payload` is opaque: a pressed postback returns it to NicoChat unchanged. */
export const buttonSchema = z.discriminatedUnion('kind', [
  openObject({ kind: z.literal('postback'), title: z.string(), payload: z.string() }),
  openObject({ kind: z.literal('url'), title: z.string(), url: z.string().min(1) }),
  openObject({ kind: z.literal('phone'), title: z.string(), phone: z.string().min(1) }),
]);
export type Button = z.infer<typeof buttonSchema>;

/** One card of a carousel; a single card is a carousel of one. */
export const cardSchema = openObject({
  title: z.string(),
  subtitle: z.string().optional(),
  imageUrl: z.string().optional(),
  buttons: z.array(buttonSchema),
});
export type Card = z.infer<typeof cardSchema>;

const media = {
  url: z.string().min(1).meta({ description: 'As it came: untrusted, and not fetched by the bridge.' }),
  name: z.string().optional(),
  mimeType: z.string().optional(),
  sizeBytes: z.int().nonnegative().optional(),
  caption: z.string().optional(),
};

/**
 * What the bot or the agent said, as the bridge understands it. The seven kinds are those that NicoChat's page
 * promises; `unknown` is everything else (the original is in the event's `raw`).
 */
export const inboundMessageSchema = z.discriminatedUnion('kind', [
  openObject({ kind: z.literal('text'), text: z.string() }),
  openObject({ kind: z.literal('buttons'), text: z.string(), buttons: z.array(buttonSchema).min(1) }),
  openObject({ kind: z.literal('cards'), cards: z.array(cardSchema).min(1) }),
  openObject({ kind: z.literal('image'), ...media }),
  openObject({ kind: z.literal('audio'), ...media }),
  openObject({ kind: z.literal('video'), ...media }),
  openObject({ kind: z.literal('file'), ...media }),
  openObject({ kind: z.literal('unknown') }),
]);
export type InboundMessage = z.infer<typeof inboundMessageSchema>;
