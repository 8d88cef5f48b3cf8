/**
 * Whether a broker's log says that it forgot the end of a transaction. Kafka takes a partition that has no leader just then
 * for deleted, and writes no end of the transaction there, though it acknowledged the commit. A partition has none when
 * its only broker leaves, or is taken for dead while it starts again.
 */
export function tellsOfForgottenEnd(brokerLog: string): boolean {
  return /Couldn't find leader endpoint for partitions .* transaction markers for .* can be skipped/.test(brokerLog);
}
