/** The reference pages of the rules, from the rules themselves: what is reported, why it is bad, bad and good code. */
import type { Rule } from '../rules/rule';

const SEVERITY: Readonly<Record<Rule['severity'], string>> = {
  error: 'error: the program raises here',
  warning: 'warning: the program runs and does not do what it looks like',
  info: 'info: there is a simpler or safer way',
};

export function rulePage({ id, severity, title, doc, bad, good, javascript }: Rule): string {
  const code = (programs: readonly string[], language: string): string[] =>
    programs.flatMap(program => [`\`\`\`${language}`, program.trim(), '```', '']);
  const [comment, script] = bad.length > 0 ? ['#', javascript] : ['//', javascript];
  return [
    `# ${id}`,
    '',
    title,
    '',
    `*${SEVERITY[severity]}*`,
    '',
    '## Why it is bad',
    '',
    doc,
    '',
    '## Reported',
    '',
    ...code(bad, 'python'),
    ...code(script?.bad ?? [], 'js'),
    ...(good.length + (script?.good.length ?? 0) > 0 ? ['## Not reported', ''] : []),
    ...code(good, 'python'),
    ...code(script?.good ?? [], 'js'),
    `To keep it anyway, end the line with \`${comment} modelwright: ignore[${id}]\`.`,
    '',
  ].join('\n');
}

export function ruleIndex(rules: readonly Rule[]): string {
  return [
    '# Rules',
    '',
    'An error means that the program raises, a warning that it runs and is wrong. A rule speaks only where it is sure for every',
    'value of what is not known.',
    '',
    '| rule | severity | |',
    '| --- | --- | --- |',
    ...rules.map(({ id, severity, title }) => `| [${id}](${id}.md) | ${severity} | ${title.replace(/\|/g, '\\|')} |`),
    '',
  ].join('\n');
}
