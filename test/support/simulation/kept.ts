/** Seeds that once ended with a complaint, and what it was. They mean the same as long as history.ts stays. */
export const KEPT: readonly { readonly seed: number; readonly was: string }[] = [
  { seed: 37, was: 'edit-lost: the hub removed what a create, whose process died, had sent' },
];
