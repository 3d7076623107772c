import type { Diagnosis } from '../../findings/diagnosis.ts';
import { causes, isCause } from '../../findings/knowledge/causes.ts';

/** The cause in a few words: `GRE does not come through.` */
export function headline({ cause, stage }: Diagnosis): string {
  const title = isCause(cause) ? causes[cause].title : `${cause} (${stage})`;
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}.`;
}
