import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths.ts';

type ComposeBroker = { port: number; temporary: boolean };

/** The compose file's broker in the foreground: it stops with the command. A test's is a project of its own. */
export const composeBroker = (broker: ComposeBroker) => ['env', ...compose(broker), 'up', '--no-log-prefix', 'kafka'];

/** Removes what a test's broker leaves: its container, network and volume. */
export async function removeComposeBroker(broker: ComposeBroker): Promise<void> {
  await promisify(execFile)('env', [...compose(broker), 'down', '--volumes']);
}

function compose({ port, temporary }: ComposeBroker): string[] {
  const project = temporary ? ['--project-name', `bridge-test-${port}`] : [];
  return [`KAFKA_PORT=${port}`, 'docker', 'compose', '--file', join(root, 'docker-compose.yml'), ...project];
}
