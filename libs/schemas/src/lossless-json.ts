/** A number whose text JavaScript would change: V8's own raw JSON object, which JSON.stringify writes back as it came. */
interface RawNumber {
  readonly rawJSON: string;
}

// TypeScript's library does not declare these three yet; Node 24 has them.
const json = JSON as unknown as {
  parse(text: string, reviver?: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(source: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};

/**
 * Every number within an object or array that cannot survive the trip through a double has one of these in its text. What
 * stands before and after it tells most times and telephone numbers inside strings apart; one that looks alike costs time only.
 */
const mayLoseDigits = /[:,[]\s*(?:-0|-?\d{16}|-?\d+[.eE])[\d.eE+-]*\s*(?:[,\]}]|$)/;
/** A text that is a number alone. To ask for both at once takes more than twice the time. */
const isNumber = /^\s*[-\d]/;

/** A record nests a payload one level deeper than the delivery did, so a reader of records must bear more. */
const recordDepth = 1000;

/**
 * How deep a delivery may nest (objects and arrays). PHP's own json_encode, which presumably writes them, stops at 512.
 * Give it as `maxDepth` when parsing a delivery; the records made of it are then within the default.
 */
export const deliveryDepth = 512;

/**
 * JSON.parse that loses no number: where the text of a number differs from what JavaScript would write for it
 * (9007199254740993, 1.0, 1e400, -0) the value is a raw JSON object with that text; all others are plain numbers.
 * Of two equal keys the last wins, and keys that look like array indexes come first, as in every JavaScript object.
 * @param options.maxDepth deepest nesting of objects and arrays allowed, 1000 when absent
 * @throws SyntaxError when the text is not JSON or nests too deep
 */
export function parseJson(text: string, options: { maxDepth?: number } = {}): unknown {
  const maxDepth = options.maxDepth ?? recordDepth;
  if (nestsDeeperThan(text, maxDepth)) throw new SyntaxError(`JSON nests deeper than ${maxDepth} levels`);
  // Without a reviver parsing is several times faster, and few texts need one.
  return mayLoseDigits.test(text) || isNumber.test(text) ? json.parse(text, keepNumberText) : json.parse(text);
}

/**
 * JSON.stringify that writes the numbers of {@link parseJson} as they came.
 * @throws TypeError for what JSON has no text for (undefined, a function, a bigint, a cycle)
 */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`JSON has no text for ${typeof value}`);
  return text;
}

/** The text of a number that {@link parseJson} kept, or undefined when the value is anything else. */
export function rawNumberText(value: unknown): string | undefined {
  return json.isRawJSON(value) ? value.rawJSON : undefined;
}

function keepNumberText(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || context.source === undefined) return value;
  return String(value) === context.source ? value : json.rawJSON(context.source);
}

/** Looks at the text, because the reviver and JSON.stringify recurse and would end in a RangeError. */
function nestsDeeperThan(text: string, maxDepth: number): boolean {
  if (text.length <= 2 * maxDepth || hasAtMost(maxDepth, text)) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return false;
}

/** Whether a text has so few brackets that it cannot nest deeper: far quicker than to look at each character. */
function hasAtMost(maxBrackets: number, text: string): boolean {
  let brackets = 0;
  for (const bracket of '{[') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      brackets += 1;
      if (brackets > maxBrackets) return false;
    }
  }
  return true;
}
