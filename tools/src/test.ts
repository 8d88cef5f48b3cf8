import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { whenNpmIsGone } from './ancestors.ts';
import { testKafka } from './local-kafka.ts';
import { root } from './paths.ts';
import { projectsWithTests } from './projects.ts';
import { startSupervised, type Supervised } from './supervised.ts';
import { countReport, summaryLines, type Count } from './test-reports.ts';

const journeys = '@bridge/journeys';
const nx = (target: string, ...more: string[]) => ['nx', 'run-many', '-t', target, '--parallel=2', ...more];
const gates = [
  { name: 'format', command: ['prettier', '--check', '.'] },
  { name: 'dead code', command: ['knip'] },
  { name: 'types', command: nx('typecheck') },
  { name: 'lint', command: nx('lint') },
];
const testRuns = [nx('test', `--exclude=${journeys}`), nx('test', `--projects=${journeys}`)];

let running: Supervised | undefined;
let interrupted = false;
let kafka: { stop(): Promise<void> } | undefined;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void interrupt(signal));
whenNpmIsGone(() => void interrupt('SIGTERM'));

process.chdir(root);
const projects = projectsWithTests();
// What an earlier run left would count as this one's. nx puts the reports of what it need not run again back itself.
for (const { report } of projects) rmSync(dirname(report), { recursive: true, force: true });

const counts: Count[] = [];
for (const { name, command } of gates) counts.push(gateCount(name, await run(name, command)));
counts.push(...(await runTests()));

const lines = summaryLines(counts);
process.exitCode = counts.some(({ failed }) => failed > 0) ? 1 : 0;
console.log(`\n${lines.join('\n')}`);

async function runTests(): Promise<Count[]> {
  console.log('\n▸ Kafka for the tests');
  try {
    const { brokers } = (kafka = await testKafka((line) => console.log(`  ${line}`)));
    let allOk = true;
    for (const command of testRuns) allOk = (await run('tests', command, { KAFKA_BROKERS: brokers })) && allOk;
    const results = projects.map(({ name, report }) => countReport(name, read(report)));
    // Vitest reports no failure for an error outside of every test, but ends with one.
    const unexplained = !allOk && results.every(({ failed }) => failed === 0);
    return unexplained ? [...results, gateCount('an error outside the tests, see above', false)] : results;
  } catch (error) {
    console.error((error as Error).message);
    return [gateCount('Kafka for the tests', false)];
  } finally {
    await kafka?.stop();
  }
}

async function run(name: string, command: string[], env: Record<string, string> = {}): Promise<boolean> {
  console.log(`\n▸ ${name}: ${command.join(' ')}`);
  const path = [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  running = startSupervised(command, { output: 'inherit', env: { ...env, PATH: path } });
  const ok = (await running.ended) === 0;
  running = undefined;
  // What was asked to stop takes no next step.
  if (interrupted) await new Promise(() => {});
  return ok;
}

function gateCount(name: string, ok: boolean): Count {
  return { name, passed: ok ? 1 : 0, failed: ok ? 0 : 1, faults: [] };
}

function read(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

async function interrupt(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): Promise<void> {
  interrupted = true;
  console.log('\nStopping…');
  await running?.stop();
  await kafka?.stop();
  process.exit(signal === 'SIGINT' ? 130 : 143);
}
