/** Reads the pieces of a published document, in order: what a runbook has to have a place for. */

export interface Piece {
  kind: 'heading' | 'code' | 'note' | 'item' | 'paragraph';
  /** Without Markdown's marks and in one line; code as it stands. */
  text: string;
}

/** The pieces of a document of Microsoft's, without its front matter, comments and link definitions. */
export function piecesOf(markdown: string): Piece[] {
  const lines = markdown.replace(/^---\n[\s\S]*?\n---\n/, '').split('\n');
  const pieces: Piece[] = [];
  let open: Piece | undefined;
  let code: string[] | undefined;
  const begin = (kind: Piece['kind'], text: string): void => {
    open = { kind, text };
    pieces.push(open);
  };
  for (const line of lines) {
    if (/^\s*```/.test(line)) {
      if (code === undefined) code = [];
      else {
        pieces.push({ kind: 'code', text: unindented(code) });
        code = undefined;
      }
      open = undefined;
    } else if (code !== undefined) code.push(line);
    else if (/^(?:\s*>?\s*|<!--.*|\[[^\]]+\]: .*)$/.test(line)) open = undefined;
    else if (line.startsWith('> [!')) open = undefined;
    else if (/^#+ /.test(line)) {
      begin('heading', line.replace(/^#+ /, ''));
      open = undefined;
    } else if (/^\s*(?:-|\d+\.) /.test(line)) begin('item', line.replace(/^\s*(?:-|\d+\.) /, ''));
    else if (open !== undefined) open.text += ` ${line.replace(/^> ?/, '').trim()}`;
    else begin(line.startsWith('>') ? 'note' : 'paragraph', line.replace(/^> ?/, ''));
  }
  return pieces.map(({ kind, text }) => ({ kind, text: kind === 'code' ? text : plain(text) }));
}

/** Words without links, emphasis and code marks, in single spaces. */
export function plain(text: string): string {
  return text
    .replaceAll(/\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replaceAll(/[`*]/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function unindented(lines: readonly string[]): string {
  const indent = Math.min(
    ...lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)?.[0].length ?? 0),
  );
  return lines.map((line) => line.slice(indent)).join('\n');
}
