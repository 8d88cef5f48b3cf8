import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicNames } from '@bridge/schemas';
import { onTestFinished } from 'vitest';
import type { EventRecord } from '../map-inbound-events.ts';

/** A folder of the test's own, gone after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A record whose event id is `id`, of a conversation, as the step makes them. */
export function eventRecord(
  id: string,
  { conversation = '501', text = 'oi', topic = topicNames('test').inboundEvents } = {},
): EventRecord {
  return {
    topic,
    key: `acme/${conversation}`,
    value: JSON.stringify({ id, text }),
    headers: { ce_id: id, ce_type: 'x' },
  };
}

export const idOf = ({ headers }: { headers: Record<string, unknown> }): string => String(headers['ce_id']);
