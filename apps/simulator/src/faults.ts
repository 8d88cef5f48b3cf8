import { z } from 'zod';

const common = {
  /** How many requests or deliveries it meets; null: every one until it is removed. */
  times: z.number().int().min(1).nullable().default(1),
  latencyMs: z.number().int().min(0).max(600_000).default(0),
  /** Only this conversation, as the id stands in the message; absent: any. */
  conversation: z.coerce.string().optional(),
};

/** What goes wrong with a request to `bot_url` or to the management API. */
const requestFaultSchema = z
  .strictObject({
    ...common,
    target: z.enum(['bot-url', 'management']),
    kind: z.enum(['latency', 'status', 'reset', 'hang']),
    /** Whether the request takes effect all the same: then only its answer is lost or wrong. */
    accepts: z.boolean().default(false),
    status: z.number().int().min(200).max(599).optional(),
    retryAfter: z.union([z.string(), z.number()]).optional(),
    body: z.unknown().optional(),
  })
  .refine((fault) => fault.kind !== 'status' || fault.status !== undefined, {
    path: ['status'],
    message: 'a fault of kind "status" needs the status',
  });

/** What goes wrong with a delivery to the webhook. */
const deliveryFaultSchema = z.strictObject({
  ...common,
  target: z.literal('delivery'),
  kind: z.enum(['latency', 'duplicate', 'out-of-order', 'unsigned', 'forged', 'truncated', 'hang-up']),
  /** `duplicate`: how many times the same bytes are sent in all. */
  copies: z.number().int().min(2).max(100).default(2),
  /** `out-of-order`: how long to wait for a later message of the conversation before going anyway. */
  holdMs: z.number().int().min(1).max(600_000).default(2_000),
});

export const faultSchema = z.discriminatedUnion('target', [requestFaultSchema, deliveryFaultSchema]);

export type RequestFault = z.infer<typeof requestFaultSchema>;
export type DeliveryFault = z.infer<typeof deliveryFaultSchema>;
type Fault = RequestFault | DeliveryFault;
type Target = Fault['target'];
export type ArmedFault = Fault & { id: number };

export type Faults = ReturnType<typeof createFaults>;

/** The faults in wait, by workspace, in the order they were asked for; each request or delivery meets at most one. */
export const createFaults = () => {
  const byWorkspace = new Map<string, ArmedFault[]>();
  let lastId = 0;

  /** The next fault for this request, and one off its count. */
  const take = (workspace: string, target: Target, conversation?: string): ArmedFault | undefined => {
    const armed = byWorkspace.get(workspace) ?? [];
    const fault = armed.find(
      (one) => one.target === target && (one.conversation === undefined || one.conversation === conversation),
    );
    if (fault?.times === 1) armed.splice(armed.indexOf(fault), 1);
    else if (fault?.times) fault.times -= 1;
    return fault;
  };

  return {
    add: (workspace: string, fault: Fault): ArmedFault => {
      lastId += 1;
      const armed = { ...fault, id: lastId };
      byWorkspace.set(workspace, [...(byWorkspace.get(workspace) ?? []), armed]);
      return { ...armed };
    },
    takeForRequest: (
      workspace: string,
      target: RequestFault['target'],
      conversation?: string,
    ): RequestFault | undefined => {
      const fault = take(workspace, target, conversation);
      return fault?.target === 'delivery' ? undefined : fault;
    },
    takeForDelivery: (workspace: string, conversation?: string): DeliveryFault | undefined => {
      const fault = take(workspace, 'delivery', conversation);
      return fault?.target === 'delivery' ? fault : undefined;
    },
    list: (workspace: string): ArmedFault[] => (byWorkspace.get(workspace) ?? []).map((fault) => ({ ...fault })),
    /** Removes one workspace's faults, or all. */
    clear: (workspace?: string): void => {
      if (workspace === undefined) byWorkspace.clear();
      else byWorkspace.delete(workspace);
    },
  };
};
