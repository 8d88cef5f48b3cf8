import { openSpool } from '../spool.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const [folder = '', first = '0'] = process.argv.slice(2);
const spool = openSpool({ folder, maxBytes: 1 << 30, log: quiet });

/** Several callers at once, each with the next number as soon as its last one is acknowledged, which it then says. */
let next = Number(first);
async function appendForEver(): Promise<never> {
  for (;;) {
    const id = String(next);
    next += 1;
    const record = { topic: 't', key: 'k', value: 'x'.repeat(1_000), headers: { ce_id: id } };
    await spool.append([record]);
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all(Array.from({ length: 20 }, appendForEver));
