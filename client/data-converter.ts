import { type DataConverter } from '@temporalio/common';
import { EncryptionCodec, type PayloadKeys } from './codec';

/**
 * The data converter of every client and worker: payloads sealed, failure messages and stacks too. The
 * failure converter is named by path because workers load it inside the workflow sandbox as well.
 */
export function dataConverter(keys: PayloadKeys): DataConverter & { payloadCodecs: EncryptionCodec[] } {
  return {
    failureConverterPath: require.resolve('./failure-converter'),
    payloadCodecs: [new EncryptionCodec(keys)],
  };
}
