export * from './card-checks';
export * from './cards';
export * from './elements';
export * from './identity';
export * from './nodes';
export * from './scopes';
export * from './sections';
export * as profileValues from './values';
export * as version1 from './version-1';
