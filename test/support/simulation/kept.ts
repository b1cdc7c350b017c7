import { type History } from './history';

export interface Kept {
  readonly name: string;
  /** What it found. */
  readonly found: string;
  readonly history: History;
}

export const KEPT: readonly Kept[] = [];
