import { InvalidArgumentError } from 'commander';

/** Reads an option's value as a whole number from `min` up. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} up.`);
  };
}

/** Reads an option's value as a moment with a zone, and gives it in UTC. */
export function moment(text: string): string {
  const zoned = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = Date.parse(text);
  if (zoned && !Number.isNaN(time)) return new Date(time).toISOString();
  throw new InvalidArgumentError('It must be a moment with a zone, such as 2026-11-23T12:00:00Z.');
}
