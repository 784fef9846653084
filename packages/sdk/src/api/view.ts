import type { View } from '../model/values.ts';

const VIEW_TYPES: Readonly<Record<View, string>> = {
  active: 'ACTIVE_ONLY',
  deleted: 'DELETED_ONLY',
  all: 'ALL',
};

/** MLflow's name of a view. */
export function viewType(view: View = 'active'): string {
  return VIEW_TYPES[view];
}
