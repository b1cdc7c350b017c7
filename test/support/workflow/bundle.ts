import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';

const bundles = new Map<string, Promise<WorkflowBundle>>();

/** The workflows as the worker bundles them; made once per test file (1–3 s). */
export function testBundle(
  workflowsPath = require.resolve('../../../workflows/index'),
): Promise<WorkflowBundle> {
  const bundle =
    bundles.get(workflowsPath) ??
    bundleWorkflowCode({
      workflowsPath,
      failureConverterPath: require.resolve('../../../client/failure-converter'),
      logger: new DefaultLogger('ERROR'),
    });
  bundles.set(workflowsPath, bundle);
  return bundle;
}
