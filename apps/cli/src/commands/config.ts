import { bridgeFileJsonSchema, ConfigError, showBridgeConfig } from '@bridge/config';
import type { BridgeConfig, SecretName } from '@bridge/config';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { formatConfig } from '../format-config.ts';
import { bridgeConfigSource, configPath, readBridgeConfig } from '../settings.ts';

const appSecrets = ['verificationKeys', 'flowApiKey', 'botUrl'] as const satisfies SecretName[];

/** `bridge config check`, `show` and `schema`. */
export function addConfig(program: Command, context: CommandContext): void {
  const config = program
    .command('config')
    .description('look at bridge.yaml')
    .addHelpText('after', '\nExample:\n  npm run bridge -- config check');
  config
    .command('check')
    .description('read bridge.yaml with all its secrets, as the apps do; exit 78 with every fault and its place')
    .addHelpText('after', '\nExample:\n  npm run bridge -- config check --config k8s/base/bridge.yaml')
    .action((_options: object, command: Command) => check(command, context));
  config
    .command('show')
    .description('print bridge.yaml with every default filled in, and where its secrets are; exit 78 with its faults')
    .addHelpText('after', '\nExample:\n  npm run --silent bridge -- config show')
    .action((_options: object, command: Command) => {
      context.print(showBridgeConfig(bridgeConfigSource(command, context)).trimEnd());
    });
  config
    .command('schema')
    .description('print the JSON Schema of bridge.yaml, by which an editor knows its keys')
    .addHelpText('after', '\nExample:\n  npm run --silent bridge -- config schema > bridge.schema.json')
    .action(() => context.print(JSON.stringify(bridgeFileJsonSchema(), null, 2)));
}

function check(command: Command, context: CommandContext): void {
  const { path } = configPath(command, context);
  for (const line of formatConfig(path, read(command, context))) context.print(line);
}

/** Only `bridge webhook` needs the nicochat section: a file that leaves it out is not wrong. */
function read(command: Command, context: CommandContext): BridgeConfig<(typeof appSecrets)[number]> {
  try {
    return readBridgeConfig(command, context, [...appSecrets, 'chaveApi']);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.faults.filter(
      ({ where, message }) => !(where.endsWith(' nicochat') && message === 'is missing'),
    );
    if (faults.length > 0) throw new ConfigError(faults);
    return readBridgeConfig(command, context, appSecrets);
  }
}
