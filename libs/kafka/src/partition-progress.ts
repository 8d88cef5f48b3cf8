/** How far an assigned partition is behind, by what its last fetch told of its end, and when it last got further. */
export type PartitionProgress = { lagRecords: number; movedAt: Date };

type Place = { end: number; next: number | undefined; movedAt: Date };

/** What kafkajs' batch tells of its partition. */
type Fetched = { partition: number; highWatermark: string; messages: { offset: string }[] };

/** Follows the partitions of a topic that are this member's. Nobody asks the broker: each fetch tells the end as well. */
export function createPartitionProgress(now: () => Date = () => new Date()) {
  const places = new Map<number, Place>();

  /** These are assigned now, and no others. */
  function assign(partitions: number[]): void {
    places.clear();
    for (const partition of partitions) places.set(partition, { end: 0, next: undefined, movedAt: now() });
  }

  function fetched({ partition, highWatermark, messages }: Fetched): void {
    const place = places.get(partition);
    if (!place) return;
    place.end = Number(highWatermark);
    if (messages[0]) place.next ??= Number(messages[0].offset);
  }

  /** All before `next` is finished, if that is known by now; and something was. */
  function moved(partition: number, next: number | undefined): void {
    const place = places.get(partition);
    if (!place) return;
    place.movedAt = now();
    place.next = Math.max(place.next ?? 0, next ?? 0);
  }

  function read(): Map<number, PartitionProgress> {
    const entries = [...places].map(([partition, { end, next, movedAt }]) => {
      return [partition, { lagRecords: next === undefined ? 0 : Math.max(0, end - next), movedAt }] as const;
    });
    return new Map(entries);
  }

  return { assign, fetched, moved, read };
}
