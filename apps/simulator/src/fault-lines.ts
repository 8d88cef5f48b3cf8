import type { z } from 'zod';

/** The faults of a zod check, one a line, each with where it is. */
export const faultLines = (error: z.ZodError): string =>
  error.issues.map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`).join('\n');
