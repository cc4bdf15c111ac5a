/** What the value of a parameter or a captured value may be. */

/**
 * Why a value cannot stand in a command word after the text `before`, or undefined when it can. A value at the
 * start of a word must not be read as an option; az reads what follows a leading `@` (also after `--option=`) from
 * a file of that name.
 */
export function valueProblem(value: string, before = ''): string | undefined {
  if (value === '') return 'is empty';
  if (/[\p{Cc}\u2028\u2029]/u.test(value)) return 'contains a control character or line break';
  if (/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u.test(value))
    return 'contains a character that does not show, or turns the text around it';
  if (!value.isWellFormed()) return 'contains half of a character';
  if (before === '' && value.startsWith('-')) return 'begins with "-" and could be read as an option';
  if ((before === '' || before.endsWith('=')) && value.startsWith('@'))
    return 'begins with "@" and could be read as the name of a file';
  return undefined;
}
