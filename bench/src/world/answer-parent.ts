/** Answers the questions of the process that started this one, and ends with it. They are what it asks of this file. */
export function answerParent(handle: (question: never) => unknown): void {
  process.on('message', (question) => {
    void Promise.resolve()
      .then(() => handle(question as never))
      .then(
        (answer) => process.send?.({ answer }),
        (error: unknown) => process.send?.({ error: String(error) }),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
