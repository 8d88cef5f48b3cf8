import { kafkaDataFolder } from './paths.ts';
import { removeKafkaData } from './remove-kafka-data.ts';
import { ToolError } from './tool-error.ts';

try {
  console.log(await removeKafkaData(kafkaDataFolder));
} catch (error) {
  if (!(error instanceof ToolError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
