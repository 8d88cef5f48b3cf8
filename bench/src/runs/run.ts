import type { Consumption } from '../measure/meter.ts';

/** What a run is measured by. Absent: there is no such thing, or it is not known. */
export type Metrics = {
  perSecond?: number | undefined;
  p50Ms?: number | undefined;
  p99Ms?: number | undefined;
  /** Seconds of processor time for a thousand records: the contestant's, and the broker's. */
  cpuPer1000?: number | undefined;
  brokerCpuPer1000?: number | undefined;
  /** Of all processors, while it did what was asked of it. */
  cores?: number | undefined;
  peakMiB?: number | undefined;
  residentMiB?: number | undefined;
  otherCores?: number | undefined;
  stolenCores?: number | undefined;
  idleCores?: number | undefined;
  /** Of the rate that the order of the conversations allows. */
  ofLimit?: number | undefined;
  mostInFlight?: number | undefined;
};

/** What a table shows of the costs, and of what the machine did beside. */
export const costMetrics = [
  'cpuPer1000',
  'brokerCpuPer1000',
  'peakMiB',
  'residentMiB',
  'otherCores',
  'stolenCores',
  'idleCores',
] as const satisfies (keyof Metrics)[];

/** What came of one run; with a fault it is no figure. `notes` are no fault, and worth knowing. */
export type Measured = { metrics: Metrics; counts: Record<string, number>; faults: string[]; notes: string[] };

export type Run = Measured & { contestant: string; setting: string; repetition: number };

/** What `count` records between two readings cost. */
export function costs(consumption: Consumption, count: number): Metrics {
  const per1000 = (seconds: number | undefined) => (seconds === undefined ? undefined : (seconds / count) * 1_000);
  const { seconds, cpuSeconds, brokerCpuSeconds, ...rest } = consumption;
  return {
    ...rest,
    perSecond: count / seconds,
    cpuPer1000: per1000(cpuSeconds),
    brokerCpuPer1000: per1000(brokerCpuSeconds),
    cores: cpuSeconds === undefined ? undefined : cpuSeconds / seconds,
  };
}
