/** A number of the command line. @throws {Error} that says what is wrong with it */
export function numberOption(name: string, text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= lowest && value <= highest) return value;
  throw new Error(`--${name} must be a number from ${lowest} to ${highest}, not "${text}"`);
}
