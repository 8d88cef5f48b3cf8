/** In every secret of the journeys, so that one look finds whatever of them was printed. */
const mark = 'S3CR3T';

/** A secret of the journeys. It fits wherever one does: a key, a password, the path of a `bot_url`. */
export const secretOf = (what: string): string => `${mark}-${what}`;

/** The person who writes in all journeys; what identifies them is in every command, and in webhooks. */
export const person = { name: 'Ana Souza', email: 'ana.souza@privado.example', phone: '+5511955501077' };

/** What no process may print. */
const privateValues = {
  'a secret': new RegExp(mark),
  'a phone number': /5511955501\d{3}/,
  'a name': new RegExp(person.name),
  'an e-mail address': new RegExp(person.email),
};

/** Which kinds of private values a text has. The operator's command shows records to whoever may read them, but no secrets. */
export function privateValuesIn(text: string, by: 'process' | 'command'): string[] {
  return Object.entries(privateValues)
    .filter(([kind, value]) => (by === 'process' || kind === 'a secret') && value.test(text))
    .map(([kind]) => kind);
}
