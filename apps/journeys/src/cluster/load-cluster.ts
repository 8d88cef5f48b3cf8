import { mergeAccounts } from '../chaos/account.ts';
import type { Account, Violation } from '../chaos/account.ts';
import { checkCommands } from '../chaos/check-commands.ts';
import { checkWebhooks } from '../chaos/check-webhooks.ts';
import { collectEvidence } from '../chaos/collect-evidence.ts';
import { createLoads } from '../chaos/loads.ts';
import { settle } from '../chaos/settle.ts';
import { createSimulatorClient } from '../world/simulator-client.ts';
import { openTopics } from '../world/topics.ts';
import type { Connection } from '../world/bridge-folder.ts';

const rate = 10;
const workspace = '1';
const supportTopic = 'chat.support.v1';

/**
 * Webhooks and commands of the connection `demo`, ten a second each, as it is in k8s/overlays/local. They begin at once. The
 * account counts what was written since: nothing excuses a refusal or a repeat, for who is stopped is stopped in order.
 */
export async function loadCluster({ brokers, say }: { brokers: string; say: (line: string) => void }) {
  const demo: Connection = {
    id: 'demo',
    workspace,
    verificationKey: 'demo-verification-key',
    flowApiKey: 'demo-flow-key',
    botUrl: 'http://simulator:8090/bot/demo',
    webhookUrl: 'http://ingress:8080/webhooks/demo',
  };
  const prefix = 'nicochat';
  const topics = await openTopics({ brokers, prefix, own: [supportTopic] });
  const simulator = createSimulatorClient(8090, 'simulator');
  await simulator.changeWorkspace(workspace, { botAnswers: false });
  const loads = await createLoads({ connections: [demo], topics }, rate);
  const startedAt = Date.now();
  loads.begin();

  async function finish(): Promise<Account> {
    loads.end();
    const settled = await settle({ prefix, topics }, { loads, say });
    await loads.stop();
    await simulator.changeWorkspace(workspace, { botAnswers: true });
    const journal = await simulator.journal({ kind: 'received' });
    const world = { topics, channelTopics: [topics.names.channelMessages, supportTopic] };
    const evidence = await collectEvidence(world, { loads, journal, since: startedAt });
    await topics.close();
    const history = { happenings: [], startedAt };
    const unfinished: Violation = { hop: 'the run', fault: 'other', detail: 'not everything was finished in time' };
    return mergeAccounts(
      { violations: settled ? [] : [unfinished] },
      // As with a spool: no 503 is excused.
      checkWebhooks(evidence, { ...history, spool: true }),
      checkCommands(evidence, history),
    );
  }

  return {
    /** The verification key that webhooks are signed with from now on. */
    signWith(key: string): void {
      demo.verificationKey = key;
    },
    finish,
  };
}
