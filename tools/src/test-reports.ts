/** What one gate, or the tests of one project, came to. Each fault is a line for the reader. */
export type Count = { name: string; passed: number; failed: number; faults: string[] };

type Assertion = { status: string; fullName: string };
type File = { name: string; status: string; message: string; assertionResults: Assertion[] };

/** Counts one project's report in vitest's JSON form. `text` is undefined when there is none: that is a failure too. */
export function countReport(name: string, text: string | undefined): Count {
  if (text === undefined)
    return { name, passed: 0, failed: 1, faults: ['no report: its tests did not run to the end'] };
  let files: File[];
  try {
    files = (JSON.parse(text) as { testResults: File[] }).testResults;
    return countFiles(name, files);
  } catch (error) {
    return { name, passed: 0, failed: 1, faults: [`its report cannot be read: ${(error as Error).message}`] };
  }
}

function countFiles(name: string, files: File[]): Count {
  const tests = files.flatMap((file) => file.assertionResults);
  const faults = [
    ...tests.filter(({ status }) => status === 'failed').map(({ fullName }) => `failed: ${fullName}`),
    // A test that never runs proves nothing, and nobody notices: it is mended or removed.
    ...tests
      .filter(({ status }) => !['passed', 'failed'].includes(status))
      .map(({ fullName }) => `skipped: ${fullName}`),
    ...files.filter(failedAsAWhole).map((file) => `failed as a whole: ${file.name}: ${file.message}`),
    ...(tests.length === 0 ? ['ran no test'] : []),
  ];
  const passed = tests.filter(({ status }) => status === 'passed').length;
  return { name, passed, failed: faults.length, faults };
}

/** Its import threw, or a hook, or its worker was lost: no test of it need have failed. */
const failedAsAWhole = (file: File) =>
  file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed');

/** The table of the end of a run; its last line is the sum, `N passed, N failed`. */
export function summaryLines(counts: readonly Count[]): string[] {
  const width = Math.max(...counts.map(({ name }) => name.length));
  const row = (name: string, passed: string, failed: string) =>
    `${name.padEnd(width)}  ${passed.padStart(6)}  ${failed.padStart(6)}`;
  const sum = (key: 'passed' | 'failed') => counts.reduce((total, count) => total + count[key], 0);
  return [
    row('', 'passed', 'failed'),
    ...counts.flatMap(({ name, passed, failed, faults }) => [
      row(name, String(passed), String(failed)),
      ...faults.map((fault) => `    ${fault}`),
    ]),
    '',
    `${sum('passed')} passed, ${sum('failed')} failed`,
  ];
}
