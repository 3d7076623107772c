import { describe, expect, test } from 'vitest';
import { call, capture, control, fullReport, report, tunnel } from '../../test/support/reports.ts';
import type { Report } from './contract.ts';
import { redact } from './redact.ts';

const exchange = (user: string): Report['tunnels'][number]['calls'][number]['authentication'] => {
  const [first] = call().authentication;
  return first === undefined ? [] : [{ ...first, user }];
};

function withUser(user: string, message: string): Report {
  const failed = call({ authentication: exchange(user), lcp: { ...call().lcp, terminateText: message } });
  return report({ tunnels: [tunnel({ calls: [failed] })] });
}

const said = ({ tunnels }: Report): string => tunnels[0]?.calls[0]?.lcp.terminateText ?? '';
const userOf = ({ tunnels }: Report): string | null => tunnels[0]?.calls[0]?.authentication[0]?.user ?? null;

test('the same name has the same pseudonym, other names others', () => {
  const redacted = redact(
    report({
      tunnels: [
        tunnel({ calls: [call({ authentication: exchange('alice') })] }),
        tunnel({
          id: 'T2',
          client: { address: '10.10.1.3', port: 1 },
          calls: [call({ authentication: exchange('bob') })],
        }),
        tunnel({ id: 'T3', calls: [call({ authentication: exchange('ALICE') })] }),
      ],
    }),
  );
  const users = redacted.tunnels.map(({ calls }) => calls[0]?.authentication[0]?.user);
  expect(users).toEqual(['user-1', 'user-2', 'user-1']);
  const [first, second, third] = redacted.tunnels.map(({ client }) => client.address);
  expect(first).toBe(third);
  expect(first).not.toBe(second);
  expect(redacted.redacted).toBe(true);
});

test.each([
  ['DESKTOP-7K2M3N1', 'MSRAS-0-DESKTOP-7K2M3N1', 'MSRAS-0-host-1'],
  ['winpc-7.corp.example', 'winpc-7 at winpc-7.corp.example', 'host-1 at host-1'],
  ['server.corp.example', 'the server is server.corp.example', 'the server is host-1'],
  ['10.corp.example', '10 packets', '10 packets'],
])('a host %j: %j', (hostName, message, expected) => {
  const start = control().start;
  const named = control({ start: { ...start, client: start.client && { ...start.client, hostName } } });
  const ended = call({ lcp: { ...call().lcp, terminateText: message } });
  expect(said(redact(report({ tunnels: [tunnel({ control: named, calls: [ended] })] })))).toBe(expected);
});

describe('names in sentences', () => {
  test.each([
    ['alice', 'no access for alice.', 'no access for user-1.'],
    ['alice', 'alice-laptop of ALICE', 'user-1-laptop of user-1'],
    ['alice', 'malice is no name', 'malice is no name'],
    ['anna-lena', 'session-anna-lena ended, anna-lena', 'session-user-1 ended, user-1'],
    ['anna-lena', 'joanna-lena and anna-lenas are others', 'joanna-lena and anna-lenas are others'],
    ['Jean Luc', 'hello Jean Luc!', 'hello user-1!'],
    ['CORP\\dave', 'dave of CORP is CORP\\dave', 'user-1 of domain-1 is domain-1\\user-1'],
    ['dave@corp.example', 'mail dave@corp.example', 'mail user-1@domain-1'],
    ['a.+*(b', 'who is a.+*(b here', 'who is user-1 here'],
    [
      'alice',
      'ask vpn.corp.example or 10.1.2.3, fe80::1 and 02:00:00:aa:bb:cc',
      'ask domain-1 or address-3, address-4 and address-5',
    ],
    ['alice', 'at 23:04:22 version 1.2.3 and 1:2', 'at 23:04:22 version 1.2.3 and 1:2'],
    ['', 'nothing to hide', 'nothing to hide'],
  ])('%j: %j', (user, message, expected) => {
    const shown = said(redact(withUser(user, message)));
    expect(shown.replace(/address-\d+/g, 'address')).toBe(expected.replace(/address-\d+/g, 'address'));
  });
});

test('of names that begin alike, the longest that is there', () => {
  const users = ['Jean Luc Bo', 'Jean Luc', 'Jean Paul', 'Jean Luc Bonne'];
  const message = 'jean luc bonn, Jean Luc Bonne, Jean Luc B, Jean Paula and Jean';
  const calls = users.map((user) => call({ authentication: exchange(user) }));
  const first = call({ lcp: { ...call().lcp, terminateText: message } });
  const redacted = redact(report({ tunnels: [tunnel({ calls: [first, ...calls] })] }));
  const names = redacted.tunnels[0]?.calls.slice(1).map(({ authentication }) => authentication[0]?.user);
  expect(names).toEqual(['user-2', 'user-3', 'user-4', 'user-5']);
  expect(said(redacted)).toBe('user-2nn, user-5, user-3 B, user-4a and Jean');
});

test('a user who is called like a word of the report does not break it', () => {
  const redacted = redact(withUser('client', 'bye'));
  expect(userOf(redacted)).toBe('user-1');
  expect(redacted.tunnels[0]?.control?.messages[0]?.from).toBe('client');
  expect(redacted.captures[0]?.vantage).toBe('client');
});

test('host names, identifications, paths and comments', () => {
  const start = control().start;
  const client = start.client;
  if (client === null) throw new Error('the sample has no client');
  const redacted = redact(
    report({
      captures: [
        capture({ path: '/home/dave/acme.pcap', comments: [{ frame: null, text: 'from DAVE-PC at 192.0.2.7' }] }),
      ],
      tunnels: [
        tunnel({
          control: control({ start: { ...start, client: { ...client, hostName: 'DAVE-PC' } } }),
          calls: [
            call({
              lcp: { ...call().lcp, identification: { client: ['MSRASV5.20', 'MSRAS-0-DAVE-PC'], server: [] } },
            }),
          ],
        }),
      ],
    }),
  );
  const text = JSON.stringify(redacted);
  expect(text).not.toMatch(/dave|acme|192\.0\.2\.7/i);
  expect(redacted.tunnels[0]?.calls[0]?.lcp.identification.client).toEqual(['MSRASV5.20', 'MSRAS-0-host-1']);
  expect(redacted.tunnels[0]?.control?.start.server?.hostName).toBe('local');
});

test('the report stays one: keys, numbers and words of closed sets are as before', () => {
  const before = fullReport();
  const { redacted: _marked, ...after } = redact(before);
  const shape = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(shape)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shape(item)]))
        : typeof value === 'string'
          ? 'text'
          : value;
  expect(shape(after)).toEqual(shape(before));
  expect(after.tunnels.map(({ roles }) => roles)).toEqual(before.tunnels.map(({ roles }) => roles));
});

test('what was given is not changed', () => {
  const before = fullReport();
  const copy = structuredClone(before);
  redact(before);
  expect(before).toEqual(copy);
});
