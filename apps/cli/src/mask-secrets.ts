/** Names of what is never shown, without case and separators. */
const secretNames = new Set(
  (
    'chaveapi apikey flowapikey verificationkey verificationkeys webhookverificationkey verifytoken hubverifytoken ' +
    'boturl authorization cookie setcookie password secret token accesstoken'
  ).split(' '),
);

export const isSecretName = (name: string) => secretNames.has(name.toLowerCase().replaceAll(/[-_.]/g, ''));

/** A field with a text for its value, as JSON writes it, also when the text breaks off within. */
const field = /"((?:[^"\\]|\\.)*)"(\s*:\s*)"(?:[^"\\]|\\.)*(?:"|$)/g;

/** Text that holds JSON, or is some, with the values of fields such as `bot_url` and `ChaveApi` as `***`. */
export function maskSecrets(text: string): string {
  return text.replaceAll(field, (whole, name: string, colon: string) => {
    return isSecretName(name) ? `"${name}"${colon}"***"` : whole;
  });
}
