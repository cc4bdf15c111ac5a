import { Box, useAnimation } from 'ink';
import type { ReactNode } from 'react';
import { contextOf } from '../keys/now.ts';
import { layout, panelColumns, type Size, smallest } from '../layout.ts';
import { type Line, line, paragraph } from '../lines.ts';
import { titleRow } from '../run/header.ts';
import { Frame } from './Frame.tsx';
import { Panel } from './Panel.tsx';
import { Rows } from './Rows.tsx';
import { useSession } from './binding.tsx';

/** While a run is being opened. */
export function OpeningScreen({ what, size }: { what: string; size: Size }): ReactNode {
  const { frame } = useAnimation({ interval: 500 });
  return (
    <Notice
      title="one moment"
      rows={paragraph(`${frame % 2 === 0 ? '▸' : '▹'} ${what}`, size.columns - panelColumns, {
        tone: 'busy',
      })}
      size={size}
    />
  );
}

/** What went wrong, and what to do. */
export function ProblemScreen({ what, next, size }: { what: string; next: string; size: Size }): ReactNode {
  const columns = size.columns - panelColumns;
  const rows = [
    ...paragraph(`✘ ${what}`, columns, { tone: 'bad', bold: true }),
    line(''),
    ...paragraph(next, columns),
  ];
  return <Notice title="that did not work" rows={rows} size={size} />;
}

function Notice({ title, rows, size }: { title: string; rows: readonly Line[]; size: Size }): ReactNode {
  const session = useSession();
  const { body } = layout(size);
  return (
    <Frame
      size={size}
      header={[titleRow('KMS migration for AKS clusters', session.app.rehearsal, size.columns), line('')]}
      context={contextOf(session, size)}
    >
      <Box height={body}>
        <Panel title={title} rows={rows} columns={size.columns} height={body} />
      </Box>
    </Frame>
  );
}

/** In a window too small to work in. What runs goes on; nothing is asked. */
export function TooSmall({ size }: { size: Size }): ReactNode {
  const least = `${smallest.columns}×${smallest.rows}`;
  const text = `This window is too small (${size.columns}×${size.rows}). Make it at least ${least}. What runs goes on.`;
  return <Rows rows={paragraph(text, size.columns).slice(0, size.rows)} columns={size.columns} />;
}
