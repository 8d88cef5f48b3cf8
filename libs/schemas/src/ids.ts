import { z } from 'zod';

/** Id of a connection: one NicoChat workspace linked by the API channel. It is part of URLs, keys and file paths. */
export const connectionIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,63}$/, 'a connection id is 1 to 63 of a-z, 0-9 and "-"')
  .meta({ description: 'Id of the connection (one NicoChat workspace).' });
export type ConnectionId = z.infer<typeof connectionIdSchema>;

/** Id of an internal chat channel: where an inbound event ends up. */
export const channelIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,128}$/, 'a channel id is 1 to 128 of A-Z, a-z, 0-9, ".", "_" and "-"')
  .meta({ description: 'Id of the internal chat channel.' });
export type ChannelId = z.infer<typeof channelIdSchema>;

/** An id that another system chose: opaque, never empty. */
export const foreignIdSchema = z.string().min(1);

/** A moment in RFC 3339, with a zone. */
export const momentSchema = z.iso.datetime({ offset: true });
