import type { BridgeConfig, SecretName } from '@bridge/config';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { formatConfig } from '../format-config.ts';
import { configPath, readBridgeConfig } from '../settings.ts';

const appSecrets = ['verificationKeys', 'flowApiKey', 'botUrl'] as const satisfies SecretName[];

/** `bridge config check`. */
export function addConfig(program: Command, context: CommandContext): void {
  const config = program
    .command('config')
    .description('look at bridge.yaml')
    .addHelpText('after', '\nExample:\n  npm run bridge -- config check');
  config
    .command('check')
    .description('read bridge.yaml with all its secrets, as the apps do; exit 78 with every fault and its place')
    .addHelpText('after', '\nExample:\n  npm run bridge -- config check --config k8s/bridge.yaml')
    .action((_options: object, command: Command) => check(command, context));
}

function check(command: Command, context: CommandContext): void {
  const { path } = configPath(command, context);
  const secrets = registersWebhooks(command, context) ? [...appSecrets, 'chaveApi' as const] : appSecrets;
  const config: BridgeConfig<(typeof appSecrets)[number]> = readBridgeConfig(command, context, secrets);
  for (const line of formatConfig(path, config)) context.print(line);
}

/** Only `bridge webhook` needs the nicochat section: a file that leaves it out is not wrong. */
function registersWebhooks(command: Command, context: CommandContext): boolean {
  try {
    return readBridgeConfig(command, context, []).nicochat !== undefined;
  } catch {
    return true;
  }
}
