import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stacks of failures travel in an encoded payload, so that the codec seals them too. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
