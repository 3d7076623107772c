import { describe, expect, test } from 'vitest';
import { reportOf } from '../../test/support/analysis.ts';
import { fullReport } from '../../test/support/reports.ts';
import { Scene } from '../../test/support/scene.ts';
import { markdownReport } from './markdown.ts';

const text = (report: Parameters<typeof markdownReport>[0]): string => [...markdownReport(report)].join('');

describe('the Markdown report', () => {
  const scene = new Scene({ vantage: 'server' }).dial();
  scene.arrives.server = false;
  const markdown = text(reportOf(scene.lcpInVain(8, 3).hangUp().file()));

  test('verdict, cause, ladder, evidence, advice, details, in that order', () => {
    const places = [
      'VPN did not come up',
      "**Cause: the server's GRE does not reach the client** (`gre-blocked-server-to-client`, likely)",
      '| ✗ | lcp |',
      '- frame ',
      '**What to do:** Let IP protocol 47',
      '**Windows shows:** 806 (VPN\\_GRE\\_BLOCKED)',
      'Refuted if ',
      '| server to client |',
      '## Security findings',
    ].map((part) => [part, markdown.indexOf(part)] as const);
    expect(places.filter(([, place]) => place < 0)).toEqual([]);
    expect(places.map(([, place]) => place)).toEqual(places.map(([, place]) => place).sort((a, b) => a - b));
  });

  test('a session without fault has no cause', () => {
    const healthy = text(reportOf(new Scene().up().talk(3).hangUp().file()));
    expect(healthy).toContain('✓ T1');
    expect(healthy).not.toContain('**Cause');
  });

  test('what failed comes first', () => {
    const report = fullReport();
    const shown = text(report);
    expect(shown.indexOf('T1: ')).toBeLessThan(shown.indexOf('T2: '));
    report.diagnoses = report.diagnoses.map((diagnosis) => ({ ...diagnosis, tunnel: 'T2', call: null }));
    const other = text(report);
    expect(other.indexOf('T2: ')).toBeLessThan(other.indexOf('T1: '));
  });

  test('captured text is text: no markup, no HTML, no line of its own', () => {
    const hostile = new Scene({ vantage: 'client' }).dial().lcp().challenge();
    hostile
      .response('x](http://evil) <b>|\n# owned')
      .failure('E=691 R=0 V=3 M=<img src=x>\r\n- item')
      .terminate('server');
    const shown = text(reportOf(hostile.file()));
    expect(shown).not.toMatch(/<(?:b|img)|(?<!\\)\]\(|^# owned|^- item/m);
    for (const line of shown.split('\n').filter((one) => one.startsWith('| ✗'))) {
      expect(line.replaceAll('\\|', '').split('|').length).toBe(6);
    }
  });

  test('no secrets, also where the analysis kept them', () => {
    const session = new Scene().dial().lcp([3, 4, 0xc0, 0x23]);
    const password = Array.from('hunter2-secret', (letter) => letter.charCodeAt(0));
    session.ppp('client', 0xc023, 1, 1, Uint8Array.from([1, 97, password.length, ...password]));
    const report = reportOf(
      session
        .ppp('server', 0xc023, 3, 1, Uint8Array.from([0]))
        .terminate('server')
        .file(),
    );
    expect(text(report)).toContain('PAP');
    expect(text(report)).not.toContain('hunter2');
  });
});
