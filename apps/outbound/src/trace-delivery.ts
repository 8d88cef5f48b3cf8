import type { HandleRecord } from '@bridge/kafka';
import { isTracing, runInSpan, startProcess, withSpan } from '@bridge/telemetry';
import type { DeliveryContext } from './deliver-send-command.ts';
import { judgeBotAnswer } from './judge-bot-answer.ts';

/** The same handler, each record in a span that lasts until it is done; while nothing is traced the handler itself. */
export function traceCommands(handle: HandleRecord, group: string): HandleRecord {
  if (!isTracing()) return handle;
  return (record, tenure, goOn) => runInSpan(startProcess(record, group), () => handle(record, tenure, goOn));
}

/** The same call, each attempt in a span that tells what came of it; while nothing is traced the call itself. */
export function traceAttempts(callBot: DeliveryContext['callBot']): DeliveryContext['callBot'] {
  if (!isTracing()) return callBot;
  return (connection, body, number) => {
    const attributes = { 'bridge.connection': connection.id, 'bridge.attempt': number };
    return withSpan('attempt', { attributes }, async (span) => {
      const answer = await callBot(connection, body, number);
      const { kind } = judgeBotAnswer(answer);
      span.set({ 'bridge.verdict': kind });
      if (kind !== 'sent') span.fail(kind);
      return answer;
    });
  };
}
