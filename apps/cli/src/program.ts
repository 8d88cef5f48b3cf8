import { Command } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addCaptures } from './commands/captures.ts';
import { addConfig } from './commands/config.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addFixture } from './commands/fixture.ts';
import { addSend } from './commands/send.ts';
import { addSign } from './commands/sign.ts';
import { addTail } from './commands/tail.ts';
import { addTopics } from './commands/topics.ts';
import { addVerifySample } from './commands/verify-sample.ts';
import { addWebhook } from './commands/webhook.ts';
import { reportError } from './report-error.ts';

const help = `
Exit codes: 0 done, 1 a negative answer (not sent, drift, NicoChat said no), 2 wrong usage, 69 no Kafka broker answers,
78 bad configuration.

Example:
  npm run bridge -- topics create`;

/** Runs one command line (without node and script) and gives the code to exit with. */
export async function runBridge(args: string[], context: CommandContext): Promise<number> {
  try {
    await bridge(context).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return reportError(error, context);
  }
}

function bridge(context: CommandContext): Command {
  // Commands made by .command() inherit how errors end, where output goes and what help looks like.
  const program = new Command('npm run bridge --')
    .description("The operator's command of the NicoChat bridge.")
    .option('--config <path>', 'path of bridge.yaml (env BRIDGE_CONFIG, default bridge.yaml)')
    .option('--brokers <list>', 'Kafka brokers, host:port,… (env KAFKA_BROKERS, default 127.0.0.1:9092)')
    .option('--prefix <prefix>', "prefix of the bridge's topics (env TOPIC_PREFIX, default nicochat)")
    .addHelpText('after', help)
    .exitOverride()
    .showHelpAfterError('(--help shows the options and an example)')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.note(text.trimEnd()),
    });
  addWebhook(program, context);
  addConfig(program, context);
  addTopics(program, context);
  addSend(program, context);
  addTail(program, context);
  addDeadLetters(program, context);
  addSign(program, context);
  addCaptures(program, context);
  addVerifySample(program, context);
  addFixture(program, context);
  return program;
}
