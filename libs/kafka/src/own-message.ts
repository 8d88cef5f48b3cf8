import type { IHeaders, KafkaMessage } from 'kafkajs';

/**
 * A message with bytes of its own, and how many these are, the names of its headers included. What kafkajs hands out are
 * slices of the block that it fetched: one small message that waits keeps megabytes of others in memory.
 */
export function ownMessage(message: KafkaMessage): { message: KafkaMessage; bytes: number } {
  const { key, value, headers = {}, offset, timestamp, attributes } = message;
  let length = (key?.length ?? 0) + (value?.length ?? 0);
  let names = 0;
  for (const name in headers) {
    const given = headers[name];
    names += name.length;
    for (const one of Array.isArray(given) ? given : [given]) length += Buffer.isBuffer(one) ? one.length : 0;
  }
  // Not of Node's pool: of its blocks, too, the last message that waits would keep the whole.
  const own = Buffer.allocUnsafeSlow(length);
  let end = 0;
  const copy = <Part>(part: Part): Part => {
    if (!Buffer.isBuffer(part)) return part;
    const start = end;
    end += part.copy(own, start);
    return own.subarray(start, end) as Part & Buffer;
  };
  const copied = { key: copy(key), value: copy(value), headers: copyHeaders(headers, copy) };
  return { message: { offset, timestamp, attributes, ...copied }, bytes: length + names };
}

function copyHeaders(headers: IHeaders, copy: <Part>(part: Part) => Part): IHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.map(copy) : copy(value)]),
  );
}
