/** The library's face. Runs in Node and in a browser alike; opening files is in `pptpscope/node`. */
export type { AnalysisOptions, Compression } from './analysis-options.ts';
export { Analysis, analyze } from './analyze.ts';
export type { CaptureAnalysis } from './capture-analysis.ts';
export type { Diagnosis } from './findings/diagnosis.ts';
export type { Finding } from './findings/finding.ts';
export type { Migration, PptpUser, Replacement } from './findings/migration.ts';
export { type Stage, type StageName, stageNames } from './findings/stage.ts';
export { type BoundName, type Bounds, boundTable } from './octets/bounds.ts';
export type * from './report/contract.ts';
export { csvReport } from './report/csv.ts';
export { jsonReport } from './report/json.ts';
export type * from './report/packet-contract.ts';
export { redact } from './report/redact.ts';
export { sarifReport } from './report/sarif.ts';
export { type Palette, plainPalette, type TextOptions, textReport } from './report/text.ts';
export { type Credential, credentialOfNtHash, credentialOfPassword } from './sessions/call-keys.ts';
export type * from './sessions/model.ts';
export { version } from './version.ts';
