/** `ce_type` of each value that the bridge publishes. It has no topic prefix: it names the schema, not the place. */
export const eventTypes = {
  inboundEvent: 'nicochat.inbound-event.v1',
  channelMessage: 'nicochat.channel-message.v1',
  sendCommand: 'nicochat.send-command.v1',
  sendResult: 'nicochat.send-result.v1',
} as const;

/**
 * The headers of a record: CloudEvents 1.0, binary mode of its Kafka binding, and W3C Trace Context.
 * @param attributes.source who published it, a URI reference such as `/bridge/ingress/acme`
 * @param attributes.time RFC 3339
 * @param attributes.contentType of the value, `application/json` when absent
 */
export function cloudEventHeaders(attributes: {
  id: string;
  type: string;
  source: string;
  subject?: string | undefined;
  time: string;
  traceparent: string;
  contentType?: string | undefined;
}): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: attributes.id,
    ce_type: attributes.type,
    ce_source: attributes.source,
    ...(attributes.subject === undefined ? {} : { ce_subject: attributes.subject }),
    ce_time: attributes.time,
    'content-type': attributes.contentType ?? 'application/json',
    traceparent: attributes.traceparent,
  };
}
