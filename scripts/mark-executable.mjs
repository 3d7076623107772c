// tsc writes no file modes; the command needs one to run from a shell.
import { chmodSync } from 'node:fs';

chmodSync(new URL('../dist/bin/pptpscope.js', import.meta.url), 0o755);
