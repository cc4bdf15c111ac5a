import { Box } from 'ink';
import { type ReactNode, useState } from 'react';
import { contextOf } from '../keys/now.ts';
import { layout, panelColumns, panelRows, type Size } from '../layout.ts';
import { line, paragraph } from '../lines.ts';
import { titleRow } from '../run/header.ts';
import { Frame } from '../screen/Frame.tsx';
import { Panel } from '../screen/Panel.tsx';
import { Rows } from '../screen/Rows.tsx';
import { useSession } from '../screen/binding.tsx';
import { type Choosable, Choices } from './Choices.tsx';

/** Rows kept for what is said about the marked item, without its border. */
const aboutRows = 5;

interface BrowserProps<T extends Described> {
  size: Size;
  title: string;
  /** One line: what is to be chosen, or that it is not there yet. */
  invitation: string;
  items: readonly T[];
  aboutTitle(item: T): string;
  onChoose(item: T): void;
}

interface Described extends Choosable {
  /** Paragraphs about it, shown while it is marked. */
  about: readonly string[];
}

/** A list to choose from, and what there is to say about the one that is marked. */
export function Browser<T extends Described>(props: BrowserProps<T>): ReactNode {
  const { size, title, invitation, items, aboutTitle, onChoose } = props;
  const session = useSession();
  const [marked, setMarked] = useState<string>();
  const { columns } = size;
  const item = items.find(({ value }) => value === marked) ?? items[0];
  const { body } = layout(size);
  const aboutHeight = Math.min(aboutRows + panelRows, Math.max(0, body - 4));
  const listHeight = body - aboutHeight;
  const about = (item?.about ?? []).flatMap((text) => paragraph(text, columns - panelColumns));
  return (
    <Frame
      size={size}
      header={[titleRow(title, session.app.rehearsal, columns), line(` ${invitation}`)]}
      context={contextOf(session, size)}
    >
      <Box
        height={listHeight}
        paddingX={1}
        paddingTop={listHeight > 6 ? 1 : 0}
        flexDirection="column"
        overflow="hidden"
      >
        {items.length > 0 && (
          <Choices
            items={items}
            columns={columns - 2}
            rows={listHeight - (listHeight > 6 ? 1 : 0)}
            active
            onMark={({ value }) => setMarked(value)}
            onChoose={onChoose}
          />
        )}
      </Box>
      {item === undefined ? (
        <Rows rows={[]} columns={columns} />
      ) : (
        <Panel
          title={aboutTitle(item)}
          rows={about.slice(0, aboutRows)}
          columns={columns}
          height={aboutHeight}
          active={false}
        />
      )}
    </Frame>
  );
}
