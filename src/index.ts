/** The library's face. Runs in Node and in a browser alike; opening files is in `pptpscope/node`. */
export type { AnalysisOptions } from './analysis-options.ts';
export { Analysis, analyze } from './analyze.ts';
export type { Frame } from './capture/frame.ts';
export type { CaptureAnalysis } from './capture-analysis.ts';
export type { Compression } from './compression/decompress.ts';
export type { Diagnosis } from './findings/diagnosis.ts';
export type { Finding } from './findings/finding.ts';
export type { Migration, PptpUser, Replacement } from './findings/migration.ts';
export { type Stage, type StageName, stageNames } from './findings/stage.ts';
export {
  type LayersOfOctets,
  type LayersOptions,
  layersOfControlMessage,
  layersOfGre,
  layersOfPpp,
} from './layers-of.ts';
export { type BoundName, type Bounds, boundTable } from './octets/bounds.ts';
export type { List } from './octets/packed-list.ts';
export type * from './report/contract.ts';
export { csvReport } from './report/csv.ts';
export type * from './report/event-contract.ts';
export { type HtmlOptions, htmlReport } from './report/html.ts';
export { jsonReport } from './report/json.ts';
export { markdownReport } from './report/markdown.ts';
export type * from './report/packet-contract.ts';
export { redact } from './report/redact.ts';
export { sarifReport } from './report/sarif.ts';
export { type Palette, plainPalette, type TextOptions, type TimeStyle, textReport } from './report/text.ts';
export { type Credential, credentialOfNtHash, credentialOfPassword } from './sessions/call-keys.ts';
export type * from './sessions/events.ts';
export type * from './sessions/model/anomaly.ts';
export type * from './sessions/model/authentication.ts';
export type * from './sessions/model/call.ts';
export type * from './sessions/model/control.ts';
export type * from './sessions/model/echo.ts';
export type * from './sessions/model/encryption.ts';
export type * from './sessions/model/evidence.ts';
export type * from './sessions/model/gre.ts';
export type * from './sessions/model/icmp-error.ts';
export type * from './sessions/model/lcp.ts';
export type * from './sessions/model/network.ts';
export type * from './sessions/model/side.ts';
export type * from './sessions/model/tunnel.ts';
export { version } from './version.ts';
