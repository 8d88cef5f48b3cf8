import type { BridgeConfig, Route, RouteField } from '@bridge/config';
import { channelIdSchema } from '@bridge/schemas';
import type { InboundEvent } from '@bridge/schemas';

/** What routing needs of the configuration. */
export type RoutingRules = Pick<BridgeConfig, 'channels' | 'routes' | 'defaultChannel'>;

/**
 * Where an inbound event goes. `topic` is the channel's own, `route` the name of the rule, absent for the default, and
 * `template` what the channel's id was made from.
 */
export type Routing =
  | { kind: 'routed'; channel: string; template: string; route?: string; topic?: string }
  | { kind: 'unroutable'; error: string }
  | { kind: 'unverified'; error: string };

const templateValues: Record<string, (event: InboundEvent) => string | undefined> = {
  connection: (event) => event.connection,
  'conversation.id': (event) => event.conversation?.id,
  'contact.id': (event) => event.contact?.id,
  'author.kind': (event) => event.author.kind,
  'author.id': (event) => event.author.id,
  'message.kind': (event) => event.message.kind,
};

const matchValues: Record<RouteField, (event: InboundEvent) => string | undefined> = {
  connection: (event) => event.connection,
  author: (event) => event.author.kind,
  kind: (event) => event.message.kind,
  conversation: (event) => event.conversation?.id,
  contact: (event) => event.contact?.id,
};

/**
 * The channel of an inbound event: by the first route whose fields all match, else the default channel. An event whose
 * signature was not verified reaches only a channel that accepts such.
 */
export function routeInboundEvent(event: InboundEvent, rules: RoutingRules): Routing {
  const route = rules.routes.find(({ when }) => matches(event, when));
  const template = route?.channel ?? rules.defaultChannel;
  if (template === undefined) return { kind: 'unroutable', error: 'no route matches and there is no defaultChannel' };

  const channel = fill(template, event);
  const parsed = channelIdSchema.safeParse(channel);
  if (channel === undefined || !parsed.success) {
    const source = route ? `route ${route.name}` : 'defaultChannel';
    // Never what it gives: an id may be a phone number, and this is logged.
    const fault = channel === undefined ? 'uses a field that the event lacks' : 'gives no valid channel id';
    return { kind: 'unroutable', error: `${source} (${template}) ${fault}` };
  }
  const settings = rules.channels.get(channel);
  if (!event.verified && !settings?.acceptsUnverified) {
    return { kind: 'unverified', error: `channel ${template} does not accept events with an unverified signature` };
  }
  return {
    kind: 'routed',
    channel,
    template,
    ...(route && { route: route.name }),
    ...(settings?.topic !== undefined && { topic: settings.topic }),
  };
}

function matches(event: InboundEvent, when: Route['when']): boolean {
  return Object.entries(when).every(([field, values]) => {
    const value = matchValues[field as RouteField](event);
    return value !== undefined && values.includes(value);
  });
}

/** Undefined when the event lacks a field that the template uses. */
function fill(template: string, event: InboundEvent): string | undefined {
  let complete = true;
  const channel = template.replaceAll(/\{([^{}]+)\}/g, (_, field: string) => {
    const value = templateValues[field]?.(event);
    if (!value) complete = false;
    return value ?? '';
  });
  return complete ? channel : undefined;
}
