import { section, text, textLike } from './fields.ts';
import { headerValueFault, needed, secret, type SecretSource } from './secret.ts';

/** The fields that the management API's bodies have besides the key's. */
const otherFields = ['workspace', 'email', 'webhook_url', 'webhook_verification_key'];

/** The management API. Its names are configuration because they changed between versions of its page. */
export function nicochatSection(source: SecretSource, urlFault: (url: string) => string | undefined) {
  return section({
    baseUrl: text('a URL').superRefine((url, ctx) => {
      const message = urlFault(url);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    }),
    publicUrl: text('a URL')
      .refine(isWebUrl, 'must be an http or https URL without user name, password and query')
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    chaveApi: needed(source, 'chaveApi', secret(source, 'chaveApi', headerValueFault)),
    actions: section({
      get: actionName().default('get-webhook'),
      set: actionName().default('set-webhook'),
      delete: actionName().default('delete-webhook'),
    }).prefault({}),
    keyField: textLike(/^\w{1,64}$/, 'the name of a field')
      .refine((name) => !otherFields.includes(name), `must differ from ${otherFields.join(', ')}`)
      .default('ChaveApi'),
  });
}

const actionName = () => textLike(/^[\w.-]{1,64}$/, 'the name of an action');

function isWebUrl(given: string): boolean {
  const url = URL.parse(given);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return [url.search, url.hash, url.username, url.password].every((part) => part === '');
}
