import { expect, it } from 'vitest';
import { tellsOfForgottenEnd } from './forgotten-end.ts';

it("finds in a broker's log that it did not end a transaction", () => {
  const lines = [
    '2026-11-23 19:48:28,141 INFO TransactionMarkerChannelManager [Transaction Marker Channel Manager 1]: Starting',
    "2026-11-23 19:48:28,145 INFO TransactionMarkerChannelManager [Transaction Marker Channel Manager 1]: Couldn't find leader endpoint for partitions Set(__consumer_offsets-7, out-0) while trying to send transaction markers for t-1.router-2, these partitions are likely deleted already and hence can be skipped",
    '2026-11-23 19:48:29,004 WARN NetworkClient [TransactionCoordinator id=1] Connection to node 1 could not be established.',
  ];
  expect(tellsOfForgottenEnd(lines.join('\n'))).toBe(true);
  expect(tellsOfForgottenEnd(lines.filter((_, index) => index !== 1).join('\n'))).toBe(false);
});
