import { expect, it } from 'vitest';
import { sampleOf } from './watch-outbound.ts';

const metrics = `# HELP process_resident_memory_bytes Resident memory size in bytes.
process_resident_memory_bytes 209715200
nodejs_heap_size_used_bytes 52428800
nodejs_external_memory_bytes 10485760
bridge_outbound_unfinished_commands{partition="0"} 12
bridge_outbound_unfinished_commands{partition="1"} 4711
bridge_outbound_breaker_open{connection="company-1"} 1
bridge_outbound_breaker_open{connection="company-2"} 0
`;

it('a sample holds memory, the fullest window, and how many breakers are open', () => {
  const read = {
    at: 7,
    residentMiB: 200,
    heapMiB: 50,
    externalMiB: 10,
    unfinished: 4_723,
    fullestWindow: 4_711,
    openBreakers: 1,
  };
  expect(sampleOf(metrics, 7)).toEqual(read);
});

it('what is not told is none', () => {
  expect(sampleOf('', 7)).toMatchObject({ residentMiB: 0, fullestWindow: 0, openBreakers: 0 });
});
