import { Box } from 'ink';
import { type ReactNode, useEffect } from 'react';
import { ListScreen } from '../list/ListScreen.tsx';
import { fieldRows } from '../detail/ask.ts';
import { contextOf } from '../keys/now.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { around, hanging, type Line, line, paragraph } from '../lines.ts';
import { titleRow } from '../run/header.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { useSession } from '../screen/binding.tsx';
import { fieldAt, type Form, offersClusters } from './form.ts';

/** The values a runbook asks for, one after the other; a cluster can be chosen from a list. */
export function FormScreen({ form, size }: { form: Form; size: Size }): ReactNode {
  const session = useSession();
  const { columns } = size;
  const { body } = layout(size);
  const wanted = offersClusters(form) && form.clusters === undefined && fieldIsEmpty(form);
  useEffect(() => {
    if (wanted) session.readClusters();
  }, [wanted, session]);
  const inner = columns - panelColumns;
  const { rows, focus } = formRows(form, inner);
  if (Array.isArray(form.clusters))
    return <ListScreen size={size} title={form.runbook.title} invitation="Which cluster?" />;
  return (
    <Frame
      size={size}
      header={[
        titleRow(form.runbook.title, session.app.rehearsal, columns),
        line(' What is it to be run on? Nothing is changed yet.'),
      ]}
      context={contextOf(session, size)}
    >
      <Box height={body} flexDirection="column" overflow="hidden">
        <Panel title="values" rows={around(rows, body - panelRows, focus)} columns={columns} height={body} />
      </Box>
    </Frame>
  );
}

function fieldIsEmpty(form: Form): boolean {
  const field = fieldAt(form);
  return field !== undefined && form.values[field.name] === '';
}

function formRows(form: Form, columns: number): { rows: Line[]; focus: number } {
  const rows: Line[] = [];
  let focus = 0;
  for (const [index, { name, description }] of form.runbook.parameters.entries()) {
    const here = index === form.at;
    rows.push(
      ...hanging({ text: `${name}  `, bold: true, tone: here ? 'accent' : 'plain' }, description, columns, {
        tone: 'quiet',
      }),
    );
    rows.push(...fieldRows(form.values[name] ?? '', columns, here));
    if (here) focus = rows.length;
    if (here && form.clusters === 'reading')
      rows.push(line('  Looking for your clusters; you can also type the name.', { tone: 'quiet' }));
    if (here && form.problem !== undefined)
      rows.push(...paragraph(`! ${form.problem}`, columns, { tone: 'warn', bold: true }));
    rows.push(line(''));
  }
  return { rows, focus };
}
