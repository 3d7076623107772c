/**
 * Result and error codes of PPTP's control messages (RFC 2637): what they say in plain words, and what to check. Diagnoses
 * and `explain` are made of this one table.
 */
import {
  disconnectResultNames,
  generalErrorNames,
  incomingCallResultNames,
  outgoingCallResultNames,
  replyResult,
  startResultNames,
  stopReasonNames,
} from '../../pptp/names.ts';
import type { Names } from '../../wire/field.ts';
import type { CauseId } from './causes.ts';

export interface CodeTable {
  /** The message that carries it, and the field. */
  readonly of: string;
  /** Of RFC 2637. */
  readonly section: string;
  readonly names: Names;
  /** Causes that a code other than success leads to. */
  readonly causes: readonly CauseId[];
  readonly codes: Readonly<Record<number, Code>>;
}

interface Code {
  readonly meaning: string;
  /** What to check; absent where there is nothing. */
  readonly check?: string;
}

const seeError = {
  meaning: 'Something went wrong; the general error code beside it says what.',
  check: 'Ask for that code: `explain error NUMBER`.',
};

/** By the word that goes before the number. */
export const codeTables = {
  start: {
    of: 'result of Start-Control-Connection-Reply',
    section: '§2.2',
    names: startResultNames,
    causes: ['control-refused'],
    codes: {
      1: { meaning: 'The control connection is up.' },
      2: seeError,
      3: {
        meaning: 'There is a control connection between the two addresses already.',
        check:
          'An older control connection from the same address is still open, often a half-dead one or another user behind the same NAT: end it on the server, or wait until it times out.',
      },
      4: {
        meaning: 'This client may not open a control connection.',
        check: "Allow the client's address on the server.",
      },
      5: {
        meaning: 'The server does not speak the version of PPTP that the client asks with.',
        check:
          'The two do not speak the same version of the protocol: find out what kind of program the client, or a proxy in between, is.',
      },
    },
  },
  stop: {
    of: 'reason of Stop-Control-Connection-Request',
    section: '§2.3',
    names: stopReasonNames,
    causes: ['disconnected-by-server'],
    codes: {
      1: { meaning: 'The control connection is no longer needed: the ordinary end.' },
      2: {
        meaning: "The sender cannot work with the other's version of PPTP.",
        check: 'Compare the programs of both ends.',
      },
      3: {
        meaning: 'The sender is being shut down.',
        check: 'Look whether that computer or service was restarted then.',
      },
    },
  },
  call: {
    of: 'result of Outgoing-Call-Reply',
    section: '§2.8',
    names: outgoingCallResultNames,
    causes: ['call-refused'],
    codes: {
      1: { meaning: 'The call is connected.' },
      2: seeError,
      3: {
        meaning: 'The server found no carrier: its line, or what stands for it, is down.',
        check: "Look at the server's ports and uplink.",
      },
      4: {
        meaning: 'All that could take the call is busy.',
        check: 'Raise the number of PPTP ports on the server, or end calls that are no longer needed.',
      },
      5: {
        meaning: 'The server found no dial tone: it takes the call for one to a telephone.',
        check: 'Set the server up for VPN calls instead of a modem line.',
      },
      6: {
        meaning: 'The call was not set up within the time that the request allows.',
        check: 'Look on the server for what is slow at the start of a call.',
      },
      7: {
        meaning: 'The server does not take calls of this kind, or has none free.',
        check:
          'Allow incoming PPTP on the server and check that PPTP ports are free; some programs answer so as they are no servers at all.',
      },
    },
  },
  incoming: {
    of: 'result of Incoming-Call-Reply',
    section: '§2.10',
    names: incomingCallResultNames,
    causes: ['call-refused'],
    codes: {
      1: { meaning: 'The call is taken.' },
      2: seeError,
      3: {
        meaning: 'The client does not take calls from the server.',
        check: 'Find out why the server calls: a client of a VPN takes none.',
      },
    },
  },
  disconnect: {
    of: 'result of Call-Disconnect-Notify',
    section: '§2.13',
    names: disconnectResultNames,
    causes: ['disconnected-by-server'],
    codes: {
      1: {
        meaning: 'The call ended because its carrier was lost: PPP went down on the server.',
        check: "Read the log of the server's PPP.",
      },
      2: seeError,
      3: {
        meaning: 'An administrator, or a rule that one made, ended the call.',
        check: "Read the server's log: session limit, restart, administrator.",
      },
      4: { meaning: 'The call ended because the client asked for it: the ordinary end.' },
    },
  },
  error: {
    of: 'general error code, beside result 2',
    section: '§2.16',
    names: generalErrorNames,
    causes: ['control-refused', 'call-refused', 'connection-limit', 'disconnected-by-server'],
    codes: {
      0: { meaning: 'No general error.' },
      1: {
        meaning: 'There is no control connection for the message yet.',
        check: 'Look for messages out of order, and for a proxy between the two.',
      },
      2: {
        meaning: 'The length or the magic cookie of a message is wrong.',
        check: 'Look for a device that changes PPTP on the way, or another protocol on the port.',
      },
      3: {
        meaning: 'A field has a value that is not allowed, or a reserved one is not 0.',
        check: 'Look at the anomalies that the report names, and update the program that sends them.',
      },
      4: { meaning: 'The server lacks resources for it.', check: 'Free ports, licences or memory on the server.' },
      5: {
        meaning: 'The Call ID is not one of a call here.',
        check: 'Look for a NAT that rewrites Call IDs on one side only.',
      },
      6: {
        meaning: "An error of the PAC's own kind.",
        check: "The PAC's vendor or the server's log must say what the problem is.",
      },
    },
  },
} as const satisfies Readonly<Record<string, CodeTable>>;

/** What to check for a code that refuses; null where the table knows nothing. */
export function adviceOf(table: CodeTable, result: number | null, error: number | null): string | null {
  const errors: CodeTable = codeTables.error;
  const code = result === replyResult.generalError && error ? errors.codes[error] : table.codes[result ?? 0];
  return code === seeError ? null : (code?.check ?? null);
}

/** What to do about an error number of Windows of which a rule knows no more. */
export function lookUp(windowsError: number): string {
  return `Look the number up: \`pptpscope explain ${windowsError}\`.`;
}
