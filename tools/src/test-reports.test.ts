import { describe, expect, test } from 'vitest';
import { countReport, summaryLines } from './test-reports.ts';

const assertion = (status: string, fullName = `a ${status} test`) => ({ status, fullName });
const file = (status: string, assertionResults: object[], message = '') => ({
  name: 'x.test.ts',
  status,
  message,
  assertionResults,
});
const report = (...testResults: object[]) => JSON.stringify({ testResults });

describe('a report', () => {
  test.each([
    {
      what: 'all passed',
      text: report(file('passed', [assertion('passed'), assertion('passed')])),
      passed: 2,
      faults: [],
    },
    {
      what: 'one test failed',
      text: report(file('failed', [assertion('passed'), assertion('failed', 'adds up')])),
      passed: 1,
      faults: ['failed: adds up'],
    },
    {
      what: 'a file that could not be imported beside one that passed',
      text: report(file('failed', [], 'cannot find ./x.ts'), file('passed', [assertion('passed')])),
      passed: 1,
      faults: ['failed as a whole: x.test.ts: cannot find ./x.ts'],
    },
    {
      what: 'a hook that failed after tests that passed',
      text: report(file('failed', [assertion('passed')], 'afterAll timed out')),
      passed: 1,
      faults: ['failed as a whole: x.test.ts: afterAll timed out'],
    },
    {
      what: 'skipped tests and ones still to be written',
      text: report(file('passed', [assertion('passed'), assertion('skipped', 'later'), assertion('todo', 'some day')])),
      passed: 1,
      faults: ['skipped: later', 'skipped: some day'],
    },
    { what: 'no test at all', text: report(), passed: 0, faults: ['ran no test'] },
    { what: 'missing', text: undefined, passed: 0, faults: ['no report: its tests did not run to the end'] },
    {
      what: 'cut off',
      text: '{"testResults": [',
      passed: 0,
      faults: [expect.stringContaining('its report cannot be read')],
    },
    { what: 'something else', text: '{}', passed: 0, faults: [expect.stringContaining('its report cannot be read')] },
  ])('$what', ({ text, passed, faults }) => {
    expect(countReport('p', text)).toEqual({ name: 'p', passed, failed: faults.length, faults });
  });
});

test('the summary ends with the sum of all projects and gates, and names every fault', () => {
  const lines = summaryLines([
    { name: 'format', passed: 1, failed: 0, faults: [] },
    { name: '@bridge/router', passed: 40, failed: 1, faults: ['failed: keeps the order'] },
    { name: '@bridge/cli', passed: 0, failed: 1, faults: ['no report'] },
  ]);
  expect(lines).toContain('@bridge/router      40       1');
  expect(lines).toContain('    failed: keeps the order');
  expect(lines.at(-1)).toBe('41 passed, 2 failed');
});
