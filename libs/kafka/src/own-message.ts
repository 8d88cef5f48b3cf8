import type { IHeaders, KafkaMessage } from 'kafkajs';

/**
 * A message with bytes of its own, and how many these are, the names of its headers included. What kafkajs hands out are
 * slices of the block that it fetched: one small message that waits keeps megabytes of others in memory.
 */
export function ownMessage(message: KafkaMessage): { message: KafkaMessage; bytes: number } {
  const { key, value, headers = {} } = message;
  const parts = [key, value, ...Object.values(headers).flat()].filter((part) => Buffer.isBuffer(part));
  const own = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  const copy = <Part>(part: Part): Part => {
    if (!Buffer.isBuffer(part)) return part;
    const start = end;
    end += part.copy(own, start);
    return own.subarray(start, end) as Part & Buffer;
  };
  const copied = { key: copy(key), value: copy(value), headers: copyHeaders(headers, copy) };
  const names = Object.keys(headers).reduce((sum, { length }) => sum + length, 0);
  return { message: { ...message, ...copied } as KafkaMessage, bytes: own.length + names };
}

function copyHeaders(headers: IHeaders, copy: <Part>(part: Part) => Part): IHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.map(copy) : copy(value)]),
  );
}
