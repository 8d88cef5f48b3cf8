import express from 'express';
import { normalizeWebhook, parseJson } from '@bridge/schemas';
import { defaultScheme, verify } from '@bridge/signature';
import { peerEnvironment } from './environment.ts';

// What express costs with the same signature check and the same normaliser, when the answer waits for nobody: nothing is
// stored, logged or counted.
const { PORT, SECRET, SIGNATURE_HEADER } = peerEnvironment.parse(process.env);
const scheme = { ...defaultScheme, headers: [SIGNATURE_HEADER] };
const answer = '{"status":"ok"}';

const app = express();
app.disable('x-powered-by').disable('etag');
app.post('/webhooks/:connection', express.raw({ type: () => true, limit: '1mb' }), (request, response) => {
  const body = request.body as Buffer;
  const { kind } = verify({ body, headers: request.headers, secrets: [SECRET], scheme, now: new Date() });
  const { events } = normalizeWebhook(parseJson(body.toString('utf8')));
  const status = kind === 'verified' && events.length > 0 ? 200 : 401;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
});
app.listen(PORT, '127.0.0.1');
