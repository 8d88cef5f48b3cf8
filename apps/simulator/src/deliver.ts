import { setTimeout as pause } from 'node:timers/promises';
import { sign } from '@bridge/signature';
import type { DeliveryFault } from './faults.ts';
import type { Journal, NewEntry } from './journal.ts';
import type { SimulatorMetrics } from './metrics.ts';
import type { PostManner, PostOutcome, PostWebhook } from './post-webhook.ts';
import type { Workspace, Workspaces } from './workspaces.ts';

export type Delivery = {
  workspace: string;
  conversation: string | null;
  body: Buffer;
  contentType: string;
  /** `forged`: a well-formed signature made with another key. */
  signature: 'valid' | 'forged' | 'none';
};

/** What became of a delivery; `sequences` are its entries in the journal, one for each attempt and copy. */
export type DeliveryReport = { delivered: boolean; status: number | null; attempts: number; sequences: number[] };

export type Deliver = (delivery: Delivery, fault?: DeliveryFault) => Promise<DeliveryReport>;

type Parts = { workspaces: Workspaces; journal: Journal; post: PostWebhook; metrics: SimulatorMetrics };
type Outcome = 'delivered' | 'refused' | 'failed' | 'no-webhook';
type Sent = Pick<NewEntry, 'url' | 'headers' | 'status' | 'detail' | 'answer' | 'durationMs'> & { outcome: Outcome };

const signatureUnder: Partial<Record<DeliveryFault['kind'], Delivery['signature']>> = {
  unsigned: 'none',
  forged: 'forged',
};
const mannerUnder: Partial<Record<DeliveryFault['kind'], PostManner>> = {
  truncated: 'truncated',
  'hang-up': 'hang-up',
};

function signatureHeaders(delivery: Delivery, kind: Delivery['signature'], workspace: Workspace, key: string) {
  if (kind === 'none') return {};
  const secret = kind === 'valid' ? key : `not-${key}`;
  return sign({ body: delivery.body, secret, scheme: workspace.signature, now: new Date() });
}

function judge(posted: PostOutcome): Pick<Sent, 'status' | 'detail' | 'answer' | 'outcome'> {
  if (posted.kind === 'failed') return { status: null, detail: posted.reason, outcome: 'failed' };
  const { status, answer } = posted;
  return { status, answer, outcome: status === 200 ? 'delivered' : 'refused' };
}

async function send(
  post: PostWebhook,
  workspace: Workspace | undefined,
  delivery: Delivery,
  fault: DeliveryFault | undefined,
): Promise<Sent> {
  if (!workspace?.webhook) {
    return { url: '', headers: {}, status: null, outcome: 'no-webhook', detail: 'the workspace has no webhook' };
  }
  const { url, verificationKey } = workspace.webhook;
  const signature = (fault && signatureUnder[fault.kind]) ?? delivery.signature;
  const manner = (fault && mannerUnder[fault.kind]) ?? 'whole';
  const signed = signatureHeaders(delivery, signature, workspace, verificationKey);
  const headers = { 'content-type': delivery.contentType, ...signed };
  const started = performance.now();
  const posted = await post({ url, headers, body: delivery.body, timeoutMs: workspace.delivery.timeoutMs, manner });
  return { ...judge(posted), url, headers, durationMs: Math.round(performance.now() - started) };
}

/** Sends what an agent or the bot said to the workspace's webhook; only 200 counts as delivered. */
export function createDeliver({ workspaces, journal, post, metrics }: Parts): Deliver {
  const attempt = async (delivery: Delivery, fault: DeliveryFault | undefined, count: object) => {
    const sent = await send(post, workspaces.get(delivery.workspace), delivery, fault);
    metrics.deliveries.inc({ outcome: sent.outcome });
    const { workspace, conversation, body } = delivery;
    const faulty = fault && { fault: fault.kind };
    return journal.add({ kind: 'sent', workspace, conversation, method: 'POST', body, ...sent, ...count, ...faulty });
  };

  /** One copy, with the retries that the workspace is set to; a fault is the first attempt's only. */
  const deliverCopy = async (
    delivery: Delivery,
    fault: DeliveryFault | undefined,
    copy: number,
  ): Promise<DeliveryReport> => {
    const sequences: number[] = [];
    for (let count = 1; ; count += 1) {
      const sent = await attempt(delivery, count === 1 ? fault : undefined, { attempt: count, copy });
      sequences.push(sent.sequence);
      const settings = workspaces.get(delivery.workspace)?.delivery;
      const delivered = sent.outcome === 'delivered';
      if (delivered || !settings || count > settings.retries) {
        return { delivered, status: sent.status, attempts: count, sequences };
      }
      await pause(settings.retryDelayMs);
    }
  };

  return async (delivery, fault) => {
    if (fault) await pause(fault.latencyMs);
    const report = await deliverCopy(delivery, fault, 1);
    const copies = fault?.kind === 'duplicate' ? fault.copies : 1;
    for (let copy = 2; copy <= copies; copy += 1) {
      const { sequences } = await deliverCopy(delivery, fault, copy);
      report.sequences.push(...sequences);
    }
    return report;
  };
}
