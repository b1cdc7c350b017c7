/**
 * What a log may say about an error: its class, code and place. Messages stay out, because those of the
 * database quote values (`Key (…)=(…)`).
 */
export function describeFailure(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    error: error.name,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    ...(frames === undefined ? {} : { at: frames.slice(0, 8).map((line) => line.trim()) }),
  };
}
