/** Passwords and NT hashes on the command line. */
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { inputError } from '../node/source.ts';
import { type Credential, credentialOfNtHash, credentialOfPassword } from '../sessions/call-keys.ts';
import { complain, type Io } from './io.ts';

export interface CredentialOptions {
  password?: string[];
  passwordFile?: string;
  ntHash?: Credential[];
}

/** `what` is done with each. */
export function addCredentialOptions(command: Command, what: string): Command {
  return command
    .addOption(new Option('--password <text>', `a password ${what}, repeatable`).argParser(collectText))
    .addOption(new Option('--password-file <file>', `passwords ${what}, one a line`))
    .addOption(new Option('--nt-hash <digits>', `an NT hash ${what}, repeatable`).argParser(collectNtHash));
}

/** null where the file cannot be read, which was said then. */
export async function credentialsOf(
  { password = [], passwordFile, ntHash = [] }: CredentialOptions,
  io: Io,
): Promise<Credential[] | null> {
  let text: string | null = '';
  if (passwordFile !== undefined) {
    try {
      text = textOf(await readFile(passwordFile));
    } catch (error) {
      await complain(io, inputError(passwordFile, error).message);
      return null;
    }
  }
  if (text === null) {
    await complain(io, `${passwordFile}: is not UTF-8`);
    return null;
  }
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return [...[...password, ...lines].map(credentialOfPassword), ...ntHash];
}

/** UTF-8, or UTF-16 as Windows saves it; null for anything else. A byte order mark is no part of the text. */
function textOf(octets: Uint8Array): string | null {
  const utf16 = octets[0] === 0xff && octets[1] === 0xfe;
  try {
    return new TextDecoder(utf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(octets);
  } catch {
    return null;
  }
}

function collectText(text: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), text];
}

function collectNtHash(digits: string, earlier: Credential[] | undefined): Credential[] {
  const credential = credentialOfNtHash(digits);
  if (credential === null) throw new InvalidArgumentError('An NT hash has 32 hexadecimal digits.');
  return [...(earlier ?? []), credential];
}
