import { expect, test } from 'vitest';
import { createPublishRequest } from './publish-request.ts';

test('a call whose time passed while the process could do nothing is over before its timer says so', async () => {
  const deadline = new Date(Date.now() + 30);
  const request = createPublishRequest(1, { deadline });
  expect([request.expire(Date.now()), request.isOver()]).toEqual([false, false]);
  while (Date.now() < deadline.getTime());
  expect([request.expire(Date.now()), request.isOver()]).toEqual([true, true]);
  await expect(request.acks).rejects.toMatchObject({ kind: 'timeout' });
});

test('an answer that comes in just then is one all the same', async () => {
  const deadline = new Date(Date.now() + 30);
  const request = createPublishRequest(1, { deadline });
  while (Date.now() < deadline.getTime());
  request.acked(0, { topic: 't', partition: 0, offset: '7' });
  expect(await request.acks).toEqual([{ topic: 't', partition: 0, offset: '7' }]);
});
