/** Every workflow of Concordance; what the worker bundles. */
export { entityLifecycle } from './lifecycle';
export { maintainFleet } from './fleet';
export { migrateTravellers } from './migrate';
export { pollConcur } from './poll';
export { publishChanges } from './publish';
export { reconcileEntity } from './reconcile';
export { reconcileFleet } from './reconcile-night';
