import http from 'node:http';
import https from 'node:https';

/** `whole`: as it should be; `truncated`: half of the body, then a reset; `hang-up`: all of it, and no ear for the answer. */
export type PostManner = 'whole' | 'truncated' | 'hang-up';

export type PostOutcome = { kind: 'answered'; status: number; answer: string } | { kind: 'failed'; reason: string };

export type Post = {
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  timeoutMs: number;
  manner?: PostManner;
};

export type PostWebhook = ReturnType<typeof createPostWebhook>['post'];

const maxAnswerBytes = 16 * 1024;

const readAnswer = async (response: http.IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxAnswerBytes) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

/** The sender's HTTP client: connections are kept, redirects are not followed, nothing is repeated. */
export const createPostWebhook = () => {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxSockets: 256 }),
    'https:': new https.Agent({ keepAlive: true, maxSockets: 256 }),
  };

  const open = ({ url, headers, body, timeoutMs }: Post): http.ClientRequest => {
    const secure = new URL(url).protocol === 'https:';
    return (secure ? https : http).request(url, {
      method: 'POST',
      agent: secure ? agents['https:'] : agents['http:'],
      headers: { ...headers, 'content-length': body.length },
      signal: AbortSignal.timeout(timeoutMs),
    });
  };

  /** One POST; never rejects. */
  const post = (given: Post): Promise<PostOutcome> =>
    new Promise((resolve) => {
      const { body, timeoutMs, manner = 'whole' } = given;
      const fail = (reason: string) => resolve({ kind: 'failed', reason });
      const onError = (error: NodeJS.ErrnoException) =>
        fail(
          error.name === 'AbortError' ? `no answer within ${timeoutMs} ms` : error.message || (error.code ?? 'error'),
        );
      let request: http.ClientRequest;
      try {
        request = open(given);
      } catch (error) {
        // A header that HTTP does not allow.
        fail((error as Error).message);
        return;
      }
      request.on('error', onError);
      request.on('response', (response) => {
        readAnswer(response).then(
          (answer) => resolve({ kind: 'answered', status: response.statusCode ?? 0, answer }),
          onError,
        );
      });
      const cutOff = (reason: string) => () => {
        fail(reason);
        request.destroy();
      };
      if (manner === 'truncated') {
        request.write(body.subarray(0, Math.floor(body.length / 2)), cutOff('cut off in the middle of the body'));
      } else if (manner === 'hang-up') request.end(body, cutOff('hung up before the answer'));
      else request.end(body);
    });

  return {
    post,
    close: (): void => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
};
