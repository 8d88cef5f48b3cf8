/**
 * What one request to `bot_url` came to.
 * - `answered`: a status arrived; `body` is its beginning as text
 * - `not-sent`: the request did not leave: no address, no connection
 * - `lost-answer`: the request left and no status came back, by timeout or a cut connection; it may have been accepted
 */
export type BotAnswer =
  | { kind: 'answered'; status: number; retryAfter?: string; body: string }
  | { kind: 'not-sent'; error: string }
  | { kind: 'lost-answer'; error: string };
