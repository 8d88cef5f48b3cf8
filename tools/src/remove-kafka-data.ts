import { existsSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runningBroker } from './broker-pid.ts';
import { removeComposeBroker } from './compose-broker.ts';
import { root } from './paths.ts';
import { ToolError } from './tool-error.ts';

/**
 * Removes the records of the local Kafka and says what it did.
 * @throws {ToolError} while that Kafka runs
 */
export async function removeKafkaData(dataDir: string): Promise<string> {
  const broker = runningBroker(dataDir);
  if (broker !== undefined) {
    throw new ToolError(
      `The local Kafka is running (process ${broker}). Stop \`npm start\` with Ctrl-C first, then reset again.`,
    );
  }
  if (!existsSync(dataDir)) return 'Nothing to remove: the local Kafka has no data.';
  // Run by Docker, it keeps its records in a volume.
  const byDocker = !existsSync(join(dataDir, 'server.properties'));
  if (byDocker) await removeComposeBroker({ port: 9092, temporary: false });
  rmSync(dataDir, { recursive: true });
  return `Removed ${relative(root, dataDir)}${byDocker ? ' and the Docker volume' : ''}: the local Kafka's topics and records.`;
}
