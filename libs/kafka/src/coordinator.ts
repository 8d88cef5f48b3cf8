import { kafkaError, typeOf } from './broker-connection.ts';
import type { Api, BrokerConnection } from './broker-connection.ts';
import type { Leaders } from './leaders.ts';
import { pause } from './pause.ts';

const persistenceMs = 1_000;
/** Of what a coordinator keeps, as Kafka numbers it. */
const kinds = { group: 0, transactions: 1 };

export type Answer = { errorCode: number };

/** The broker that keeps a group's offsets, or the transactions of an id. It is asked for again when it is no longer the one. */
export type Coordinator = {
  /**
   * One request and its answer, once `check` does not throw: made again for a good second while the coordinator answers that
   * it is not ready. Other partitions wait as well: whoever must wait longer begins anew.
   */
  ask<Given>(api: Api, payload: object, check: (answer: Given) => void, forMs?: number): Promise<Given>;
};

export function createCoordinator(leaders: Leaders, kind: keyof typeof kinds, key: string): Coordinator {
  let address: string | undefined;

  async function connect(): Promise<BrokerConnection> {
    try {
      address ??= await find();
      return await leaders.connectTo(address);
    } catch (error) {
      giveUp();
      throw isPassing(error) ? error : new NotReached(String(error), { cause: error });
    }
  }

  async function find(): Promise<string> {
    const broker = await leaders.connectTo();
    const answer = await broker.ask('GroupCoordinator', { groupId: key, coordinatorType: kinds[kind] });
    const { coordinator } = checked(answer as Answer & { coordinator: { host: string; port: number } });
    return `${coordinator.host}:${coordinator.port}`;
  }

  /** Whoever was asked last, for the coordinator or as it. */
  function giveUp(): void {
    leaders.giveUp(address);
    address = undefined;
  }

  async function attempt<Given>(api: Api, payload: object, check: (answer: Given) => void): Promise<Given> {
    const connection = await connect();
    const answer = (await connection.ask(api, payload).catch((error: unknown) => {
      giveUp();
      throw error;
    })) as Given;
    try {
      check(answer);
    } catch (error) {
      if (typeOf(error) === 'NOT_COORDINATOR_FOR_GROUP') address = undefined;
      throw error;
    }
    return answer;
  }

  return {
    async ask(api, payload, check, forMs = persistenceMs) {
      const end = performance.now() + forMs;
      for (let pauseMs = 2; ; pauseMs *= 2) {
        try {
          return await attempt(api, payload, check);
        } catch (error) {
          if (!isPassing(error) || performance.now() > end) throw error;
        }
        await pause(pauseMs);
      }
    },
  };
}

/** @throws the error that an answer's code stands for */
export function checked<Given extends Answer>(answer: Given): Given {
  if (answer.errorCode !== 0) throw kafkaError(answer.errorCode);
  return answer;
}

class NotReached extends Error {
  override name = 'NotReached';
}

/**
 * Answers after which the same request may be made again: within one epoch and one transaction it says the same twice. The
 * first is usual: the end of the transaction before is still on its way to its partitions.
 */
const passing = new Set([
  'CONCURRENT_TRANSACTIONS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'UNSTABLE_OFFSET_COMMIT',
]);

/** Whether the same request may be taken in a moment. */
export const isPassing = (error: unknown): boolean => error instanceof NotReached || passing.has(typeOf(error));
