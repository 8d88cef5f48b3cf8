import { expect, it } from 'vitest';
import { forgottenEnds } from './forgotten-ends.ts';

it("finds in a broker's log whose transactions it did not end", () => {
  const log = `2026-11-23 19:48:28,141 INFO TransactionMarkerChannelManager [Transaction Marker Channel Manager 1]: Starting
2026-11-23 19:48:28,145 INFO TransactionMarkerChannelManager [Transaction Marker Channel Manager 1]: Couldn't find leader endpoint for partitions Set(__consumer_offsets-7, out-0) while trying to send transaction markers for t-1.router-2, these partitions are likely deleted already and hence can be skipped
2026-11-23 19:48:29,004 WARN NetworkClient [TransactionCoordinator id=1] Connection to node 1 could not be established.
`;
  expect(forgottenEnds(log)).toEqual(['t-1.router-2']);
});
