import { join, resolve } from 'node:path';

/** The repository's root. */
export const root = resolve(import.meta.dirname, '../..');

/** What the tools keep between runs; ignored by git. */
export const localFolder = join(root, '.local');

/** Where the apps of `npm start` write. */
export const logFolder = join(localFolder, 'log');

/** The local Kafka of `npm start`: its records live here. `npm run reset` removes it. */
export const kafkaDataFolder = join(localFolder, 'kafka', 'data');
